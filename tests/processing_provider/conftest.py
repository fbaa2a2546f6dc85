"""What tests of the Processing side meet: GDAL in both its manners, and a Python that cannot run the engine."""

import venv

import pytest


@pytest.fixture(params=[False, True], ids=["None", "raises"])
def gdal_failures(request):
    """GDAL's calls that fail return None, and raise as they will from GDAL 4 on."""
    modules = [pytest.importorskip(f"osgeo.{name}") for name in ("gdal", "ogr", "osr")]
    before = [module.GetUseExceptions() for module in modules]
    for module in modules:
        _have_raise(module, request.param)
    yield
    for module, raised in reversed(list(zip(modules, before))):  # before GDAL 3.7 in this order only
        _have_raise(module, raised)


def _have_raise(module, wanted):
    (module.UseExceptions if wanted else module.DontUseExceptions)()


@pytest.fixture
def python_without_torch(tmp_path):
    """The path of an interpreter that has the standard library only."""
    from sarbridge.processing_provider.engine_process.interpreter import environment_python

    venv.create(tmp_path / "bare", with_pip=False)
    return environment_python(tmp_path / "bare")
