"""GDAL as the tests of the Processing side meet it."""

import pytest


@pytest.fixture(params=[False, True], ids=["None", "raises"])
def gdal_failures(request):
    """GDAL's calls that fail return None, and raise as they will from GDAL 4 on."""
    modules = [pytest.importorskip(f"osgeo.{name}") for name in ("gdal", "ogr", "osr")]
    for module in modules:
        (module.UseExceptions if request.param else module.DontUseExceptions)()
    yield
    for module in reversed(modules):  # before GDAL 3.7 in this order only
        module.DontUseExceptions()
