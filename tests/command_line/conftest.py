"""What the real `qgis_process` is tried on."""

import pytest

pytest.importorskip("osgeo.gdal")

from sarbridge.tests.image_pair import pair  # noqa: E402, F401
