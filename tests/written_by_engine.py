"""Files that tests within QGIS need and its Python, which has no torch, cannot write."""

import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory


def write_by_engine(script, path, python):
    """Write what `script PATH` writes, run by the engine's interpreter `python`; return the path."""
    Path(path).write_bytes(_written(script, python))
    return str(path)


@cache
def _written(script, python):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        subprocess.run([python, script, str(path)], check=True)
        return path.read_bytes()
