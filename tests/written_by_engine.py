"""Files that tests within QGIS need and its Python, which has no torch, cannot write.

It writes them as a script of the engine's Python: `python tests/written_by_engine.py MODULE FUNCTION PATH`.
"""

import subprocess
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory


def write_by_engine(write, path, python):
    """Write what the function `write(path)` of a module writes, run by the engine's interpreter; return the path."""
    Path(path).write_bytes(_written(write, python))
    return str(path)


@cache
def _written(write, python):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "weights.safetensors"
        subprocess.run([python, __file__, write.__module__, write.__name__, str(path)], check=True)
        return path.read_bytes()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine"))
    from package import load_package

    load_package()
    getattr(import_module(sys.argv[1]), sys.argv[2])(Path(sys.argv[3]))
