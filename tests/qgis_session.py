"""One QGIS for all tests of a run, with a temporary profile and the provider registered; about 2 s.

`tests/conftest.py` takes the fixtures over from here.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ENGINE_PYTHON = os.environ.get("SARBRIDGE_PYTHON") or str(ROOT / ".venv" / "bin" / "python")

QGIS_PROCESS = shutil.which("qgis_process.bin") or shutil.which("qgis_process")
"""The program; Debian 12's wrapper `qgis_process` passes it an option that it does not know."""

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def _put_processing_on_the_path():
    """`processing` is a plugin that comes with QGIS; test modules import it like any other package."""
    try:
        from qgis.core import QgsApplication
    except ImportError:
        return
    QgsApplication.setPrefixPath(os.environ.get("QGIS_PREFIX_PATH", "/usr"), True)
    sys.path.append(str(Path(QgsApplication.pkgDataPath()) / "python" / "plugins"))


_put_processing_on_the_path()


@pytest.fixture(scope="session")
def qgis_application(tmp_path_factory):
    """The running QgsApplication: Processing initialised, provider `sarbridge` registered."""
    core = pytest.importorskip("qgis.core")
    with pytest.MonkeyPatch.context() as patch:  # from 3.40 on QGIS ignores a profile folder that its constructor gets
        patch.setenv("QGIS_CUSTOM_CONFIG_PATH", str(tmp_path_factory.mktemp("profile")))
        application = core.QgsApplication([], True)
        application.initQgis()
    from processing.core.Processing import Processing
    from sarbridge.plugin.sarbridge_plugin import SarbridgePlugin

    Processing.initialize()
    application.sarbridge = SarbridgePlugin(None)  # kept, because the provider lives as long as the plugin object
    application.sarbridge.initProcessing()
    yield application
    core.QgsApplication.processingRegistry().removeProvider("sarbridge")
    shutil.rmtree(core.QgsProcessingUtils.tempFolder(), ignore_errors=True)
    # QGIS itself ends with the process (`conftest.py`).


@pytest.fixture(scope="session")
def engine():
    """The path of an interpreter that can run the engine; all tests of the run use it."""
    if not Path(ENGINE_PYTHON).is_file():
        pytest.skip("no interpreter for the engine: set SARBRIDGE_PYTHON")
    before = os.environ.get("SARBRIDGE_PYTHON")
    os.environ["SARBRIDGE_PYTHON"] = ENGINE_PYTHON
    yield ENGINE_PYTHON
    if before is None:
        del os.environ["SARBRIDGE_PYTHON"]


def complaint(algorithm, parameters):
    """Run an algorithm that must fail, and return what the user reads: a sentence, never a traceback."""
    import processing
    from qgis.core import QgsProcessingException, QgsProcessingFeedback

    feedback = QgsProcessingFeedback(False)
    with pytest.raises(QgsProcessingException) as raised:
        processing.run(algorithm, parameters, feedback=feedback)
    said = f"{feedback.textLog()}\n{raised.value}"
    assert "Traceback" not in said
    return said
