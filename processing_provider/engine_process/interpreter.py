"""Which Python runs the engine, and with which environment variables. Never starts it: `canExecute` asks here."""

import importlib.util
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Optional, Union

from ...contract.installation import NEEDED_MODULES
from .. import settings

ENVIRONMENT_VARIABLE = "SARBRIDGE_PYTHON"

COMPLETE = "sarbridge-complete"
"""File that an environment of the plugin's own gets when all of it is there."""

_WHAT_TO_DO = "run 'Set up the engine' from the Processing toolbox or set an interpreter in the SARbridge options"
_QGIS_ONLY_PREFIXES = ("PROJ_", "QT_")
_QGIS_ONLY_NAMES = ("GDAL_DATA", "GDAL_DRIVER_PATH", "PYTHONHOME", "PYTHONPATH")


@dataclass(frozen=True)
class Interpreter:
    """The engine's Python: `path` (None when there is none) and `why`, a sentence for the log or the user."""

    path: Optional[str]
    why: str
    is_qgis_python: bool = False


def find_interpreter() -> Interpreter:
    """Return the `Interpreter` for the engine.

    In this order: the environment variable SARBRIDGE_PYTHON; the setting; the plugin's own environment in the QGIS
    profile; QGIS's own Python when it has what the engine needs. What the user named is taken or refused, never passed
    over in silence.
    """
    for chosen, where in (
        (os.environ.get(ENVIRONMENT_VARIABLE, ""), f"the environment variable {ENVIRONMENT_VARIABLE}"),
        (settings.engine_python(), "the SARbridge options"),
    ):
        if chosen:
            return _chosen_by_user(chosen, where)
    folder = settings.own_environment_folder()
    own = environment_python(folder)
    if is_complete(folder):
        return Interpreter(str(own), "the plugin's own environment in the QGIS profile")
    if own.is_file():
        return Interpreter(
            None,
            "The engine is being set up, or its set-up was interrupted: wait for that run to end, or run 'Set up the"
            " engine' again.",
        )
    return _qgis_interpreter()


def is_complete(folder: Union[str, Path]) -> bool:
    """Return whether all of the plugin's own environment is in `folder`."""
    return (Path(folder) / COMPLETE).is_file() and environment_python(folder).is_file()


def environment_python(folder: Union[str, Path]) -> Path:
    """Path of the interpreter of the virtual environment in `folder`, whether or not it exists."""
    folder = Path(folder)
    return folder / "Scripts" / "python.exe" if os.name == "nt" else folder / "bin" / "python"


def qgis_python() -> Optional[Path]:
    """Path of the Python that QGIS runs with, or None when it has no executable.

    It is looked for from `sys.prefix`, because `sys.executable` is QGIS itself on Windows and macOS.
    """
    if os.name == "nt":  # of these, `venv` has a launcher for python.exe only
        candidates = [Path(sys.prefix) / name for name in ("python.exe", "python3.exe")]
    else:
        names = (f"python3.{sys.version_info.minor}", "python3", "python")
        candidates = [Path(sys.prefix) / "bin" / name for name in names]
    return next((path for path in candidates if path.is_file()), None)


def engine_environment(interpreter: Interpreter) -> dict[str, str]:
    """Return the environment variables for a process of `interpreter`.

    QGIS's own Python keeps all of them. To any other they name a foreign PROJ, GDAL, Qt and standard library, and go;
    proxies and GDAL_HTTP_* stay.
    """
    if interpreter.is_qgis_python:
        return dict(os.environ)
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_QGIS_ONLY_PREFIXES) and name not in _QGIS_ONLY_NAMES
    }


def _chosen_by_user(path, where):
    if not Path(path).is_file():
        return Interpreter(None, f"The engine's Python '{path}', named in {where}, does not exist: {_WHAT_TO_DO}.")
    own = qgis_python()
    # Not `samefile`: the interpreter of a virtual environment is a link to the one it was made from.
    is_qgis_python = own is not None and Path(path).absolute().parent == own.parent
    return Interpreter(str(path), f"named in {where}", is_qgis_python)


def _qgis_interpreter():
    missing = [name for name in NEEDED_MODULES if importlib.util.find_spec(name) is None]
    path = qgis_python()
    if missing or path is None:
        return Interpreter(None, f"SARbridge has no engine yet: {_WHAT_TO_DO}.")
    return Interpreter(str(path), f"QGIS's own Python, which has {', '.join(NEEDED_MODULES)}", is_qgis_python=True)
