"""Layers whose files are odd: masks that QGIS counts as bands, names that look like options, pipes."""

import os

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsRasterLayer
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.inputs.layers import RasterInput, visible_bands
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application")


def write_masked(path, bands, internal):
    write_raster(path, np.full((bands, 20, 30), 7, np.uint8))
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES" if internal else "NO")
    dataset = gdal.Open(str(path), gdal.GA_Update)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.eye(20, 30, dtype=np.uint8) * 255)
    del dataset
    gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", None)
    return QgsRasterLayer(str(path), "masked")


@pytest.mark.parametrize("internal", [True, False], ids=["inside", ".msk"])
@pytest.mark.parametrize("bands, visible", [(1, (1,)), (2, (1,)), (3, (1, 2, 3))])
def test_a_mask_is_no_band(tmp_path, internal, bands, visible):
    layer = write_masked(tmp_path / "a.tif", bands, internal)
    assert layer.bandCount() == bands + 1
    assert RasterInput(layer).described.bands == tuple(range(1, bands + 1))
    assert visible_bands(layer) == visible
    with pytest.raises(UserError, match=f"has no band {bands + 1}: choose one between 1 and {bands}"):
        RasterInput(layer, [bands + 1])


@pytest.mark.parametrize("name", ["a|b.tif", "a|layername=b.tif", "|.tif"])
def test_a_bar_in_a_name_belongs_to_the_name(tmp_path, name):
    write_raster(tmp_path / name, np.ones((20, 30)))
    taken = RasterInput(QgsRasterLayer(str(tmp_path / name), "barred"))
    assert taken.is_file and taken.described.path == str(tmp_path / name)


def test_options_after_a_bar_are_no_part_of_the_name(tmp_path):
    write_raster(tmp_path / "a|b.tif", np.ones((20, 30)))
    taken = RasterInput(QgsRasterLayer(f"{tmp_path}/a|b.tif|option:NUM_THREADS=2|option:SPARSE_OK=TRUE", "barred"))
    assert taken.described.path == str(tmp_path / "a|b.tif")


def test_a_pipe_and_a_device_are_refused_before_anybody_waits_for_them(tmp_path, engine):
    os.mkfifo(tmp_path / "pipe.tif")
    (tmp_path / "device.tif").symlink_to("/dev/zero")
    for name in ("pipe.tif", "device.tif"):
        said = complaint("sarbridge:sardistortions", {"DEM": str(tmp_path / name), "HEADING": 0, "OUTPUT": "x.tif"})
        assert "a pipe or a device is no file" in said and "(DEM)" in said
