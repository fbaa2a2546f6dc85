"""What GDAL gives, with its exceptions and without."""

from types import SimpleNamespace

import pytest

pytest.importorskip("qgis.core")

from osgeo import gdal, ogr  # noqa: E402
from sarbridge.contract.errors import UserError  # noqa: E402
from sarbridge.processing_provider.gdal_results import memory_dataset, open_raster, or_none  # noqa: E402


@pytest.mark.usefixtures("gdal_failures")
def test_what_fails_gives_none(tmp_path):
    assert or_none(gdal.OpenEx, str(tmp_path / "none.tif")) is None
    (tmp_path / "a.csv").write_text("x,y\n1,2\n")
    assert or_none(gdal.OpenEx, str(tmp_path / "a.csv"), gdal.OF_VECTOR).GetLayer(0).GetFeatureCount() == 1


@pytest.mark.usefixtures("gdal_failures")
def test_a_raster_that_cannot_be_opened_is_one_sentence(tmp_path):
    path = tmp_path / "damaged.tif"
    path.write_text("no raster")
    with pytest.raises(UserError, match=f"^Layer 'dem' cannot be opened \\({path}\\): check the file"):
        open_raster(str(path), "dem")


@pytest.mark.usefixtures("gdal_failures")
def test_vectors_in_memory():
    dataset = memory_dataset()
    layer = dataset.CreateLayer("polygons", None, ogr.wkbPolygon)
    layer.CreateFeature(ogr.Feature(layer.GetLayerDefn()))
    assert layer.GetFeatureCount() == 1


@pytest.mark.parametrize(("holds_vectors", "chosen"), [("YES", "MEM"), (None, "Memory")])
def test_vectors_in_memory_are_those_of_the_driver_mem_where_it_holds_them(monkeypatch, holds_vectors, chosen):
    """No GDAL here may be as new as 3.11."""

    def driver(name):
        return SimpleNamespace(Create=lambda *size: name, GetMetadataItem=lambda item: holds_vectors)

    monkeypatch.setattr(gdal, "GetDriverByName", driver)
    assert memory_dataset() == chosen
