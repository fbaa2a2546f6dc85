"""Where the plugin lies, and what an interpreter must have to run its engine."""

from pathlib import Path

PLUGIN_FOLDER = Path(__file__).resolve().parents[1]
WORKER_SCRIPT = PLUGIN_FOLDER / "engine" / "worker.py"

NEEDED_MODULES = ("torch", "numpy", "scipy", "rasterio", "safetensors", "matplotlib")
"""What an interpreter must be able to import to run the engine."""
