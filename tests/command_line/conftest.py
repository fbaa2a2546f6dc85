"""The real `qgis_process`, what it runs in, and what it is tried on."""

import os
import subprocess

import pytest

pytest.importorskip("osgeo.gdal")

from sarbridge.tests.image_pair import pair  # noqa: E402, F401
from sarbridge.tests.qgis_session import QGIS_PROCESS, ROOT  # noqa: E402


@pytest.fixture(scope="module")
def environment(engine, tmp_path_factory):
    """Variables of a fresh profile in which the plugin is enabled."""
    folder = tmp_path_factory.mktemp("qgis")
    (folder / "plugins").mkdir()
    (folder / "plugins" / "sarbridge").symlink_to(ROOT)
    variables = {
        **os.environ,
        "QGIS_PLUGINPATH": str(folder / "plugins"),
        "QGIS_CUSTOM_CONFIG_PATH": str(folder / "profile"),
        "QT_QPA_PLATFORM": "offscreen",
        "GDAL_PAM_ENABLED": "NO",  # QGIS would leave statistics beside the real imagery
    }
    subprocess.run([QGIS_PROCESS, "plugins", "enable", "sarbridge"], env=variables, check=True, capture_output=True)
    return variables
