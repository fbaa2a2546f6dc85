"""Load the plugin folder as package `sarbridge`, whatever the folder is called and wherever it lies.

A script in `engine/` begins with these lines and imports relatively from there on (PEP 366)::

    if not __package__:  # run as a script
        from package import load_package

        __package__ = load_package()
"""

import importlib.util
import sys
from pathlib import Path

_ENGINE_FOLDER = Path(__file__).resolve().parent
_PLUGIN_FOLDER = _ENGINE_FOLDER.parent


def load_package() -> str:
    """Put the plugin folder into `sys.modules` as `sarbridge`; return the package name of the scripts in `engine/`."""
    _put_script_folder_last()
    if "sarbridge" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "sarbridge", _PLUGIN_FOLDER / "__init__.py", submodule_search_locations=[str(_PLUGIN_FOLDER)]
        )
        package = importlib.util.module_from_spec(spec)
        sys.modules["sarbridge"] = package
        spec.loader.exec_module(package)
    return "sarbridge.engine"


def _put_script_folder_last():
    """Keep files such as `engine/check_engine.py` from hiding a library's module of that name.

    The folder stays on the path, because spawned child processes run the script's first lines again.
    """
    folder = str(_ENGINE_FOLDER)
    sys.path[:] = [entry for entry in sys.path if entry != folder] + [folder]
