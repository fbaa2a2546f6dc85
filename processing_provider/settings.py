"""What the user sets for the whole plugin (kept in the QGIS profile), and the folders that belong to it."""

from pathlib import Path

from qgis.core import QgsApplication, QgsSettings

_ENGINE_PYTHON = "sarbridge/engine_python"
_DEVICE = "sarbridge/device"
_GREETED = "sarbridge/greeted"
_MODEL_FOLDER = "sarbridge/model_folder"


def engine_python() -> str:
    """Path of the interpreter that the user chose for the engine; empty: let the plugin find one."""
    return QgsSettings().value(_ENGINE_PYTHON, "", type=str)


def set_engine_python(path: str) -> None:
    QgsSettings().setValue(_ENGINE_PYTHON, path)


def device() -> str:
    """Device for algorithms that are not told otherwise: auto, cpu, cuda, cuda:N or mps."""
    return QgsSettings().value(_DEVICE, "auto", type=str)


def set_device(text: str) -> None:
    QgsSettings().setValue(_DEVICE, text)


def model_folder() -> str:
    """Folder with the user's own model files; empty when there is none."""
    return QgsSettings().value(_MODEL_FOLDER, "", type=str)


def set_model_folder(path: str) -> None:
    QgsSettings().setValue(_MODEL_FOLDER, path)


def own_environment_folder() -> Path:
    """The plugin's own Python environment in the QGIS profile, whether or not it has been made."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "sarbridge" / "engine"


def sample_folder() -> Path:
    """Folder of the sample pair in the QGIS profile, whether or not it has been made."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "sarbridge" / "sample"


def greeted() -> bool:
    """Return whether the user has been told what there is to do after the installation."""
    return QgsSettings().value(_GREETED, False, type=bool)


def set_greeted() -> None:
    QgsSettings().setValue(_GREETED, True)
