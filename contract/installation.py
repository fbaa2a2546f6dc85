"""Where the plugin lies, and what an interpreter must have to run its engine."""

from pathlib import Path

PLUGIN_FOLDER = Path(__file__).resolve().parents[1]
WORKER_SCRIPT = PLUGIN_FOLDER / "engine" / "worker.py"

SHIPPED_MODELS = PLUGIN_FOLDER / "models" / "zoo"
"""Folder of the model files that come with the plugin."""

SHIPPED_MATCHER = SHIPPED_MODELS / "bridgematch_s1s2.safetensors"
"""The one that finds tie points."""

REQUIREMENTS = PLUGIN_FOLDER / "requirements-engine.txt"
"""The packages of `NEEDED_MODULES`, pinned for each Python."""

CONSTRAINTS = PLUGIN_FOLDER / "constraints-engine.txt"
"""What these packages bring with them, pinned for each Python."""

USER_GUIDE = PLUGIN_FOLDER / "docs" / "user_guide.html"
"""The page that help opens; `scripts/build_guide.py` makes it."""

NEEDED_MODULES = {
    "torch": "torch",
    "numpy": "numpy",
    "scipy": "scipy",
    "rasterio": "rasterio",
    "shapely": "shapely",
    "safetensors": "safetensors",
    "matplotlib": "matplotlib",
    "PIL": "pillow",
    "packaging": "packaging",
}
"""What an interpreter must be able to import to run the engine: {module: the package that holds it}."""


def user_guide_url(heading: str = "") -> str:
    """Return the address of the user guide that comes with the plugin, at a heading (an algorithm's id) when given."""
    return USER_GUIDE.as_uri() + (f"#{heading}" if heading else "")
