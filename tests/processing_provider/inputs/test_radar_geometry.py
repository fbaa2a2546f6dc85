"""Radar images on a map, laid there by points or polynomials, and nowhere: as QGIS shows and as files hold them."""

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import QgsCoordinateTransformContext, QgsProcessingFeedback, QgsRasterLayer
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.inputs.export import Export
from sarbridge.processing_provider.inputs.layers import RasterInput
from sarbridge.processing_provider.inputs.radar_geometry import radar_image
from sarbridge.tests.rasters import write_raster
from sarbridge.tests.slc import ON_MAP, speckled, write_slc

pytestmark = pytest.mark.usefixtures("qgis_application")


def image_of(path, bands=(), name="slc"):
    return radar_image(QgsRasterLayer(str(path), name), bands, QgsProcessingFeedback())


@pytest.fixture
def export(tmp_path):
    return Export(tmp_path, (), QgsCoordinateTransformContext(), QgsProcessingFeedback())


@pytest.mark.parametrize("place", [{}, {"points": True}, {"polynomials": True}], ids=str)
def test_pixels_in_radar_geometry_are_those_of_the_file(place, tmp_path, export):
    """Where QGIS shows points or polynomials warped the size of the layer is not that of the file."""
    path = write_slc(tmp_path / "slc.tif", **place)
    image = image_of(path)
    source = image.source(export)
    assert source.anywhere and source.path == path and source.bands == (1,)
    assert np.array_equal(gdal.Open(source.path).ReadAsArray(), speckled())
    assert image.crs.isValid() == bool(place) and bool(source.crs) == bool(place)
    assert (image.size != (96, 64)) == bool(place)


def test_an_image_on_a_map_needs_its_crs_as_elsewhere(tmp_path):
    assert not image_of(write_slc(tmp_path / "slc.tif", transform=ON_MAP)).described.anywhere
    path = write_raster(tmp_path / "bare.tif", np.ones((8, 8)))
    gdal.Open(path, gdal.GA_Update).SetProjection("")
    with pytest.raises(UserError, match="Layer 'bare' has no coordinate reference system: set it"):
        image_of(path, name="bare")


def test_other_algorithms_still_refuse_what_lies_nowhere(tmp_path):
    with pytest.raises(UserError, match="has no coordinate reference system"):
        RasterInput(QgsRasterLayer(write_slc(tmp_path / "slc.tif"), "slc"))


@pytest.mark.parametrize("points", [False, True])
def test_what_lies_nowhere_and_is_no_file_is_refused(points, tmp_path):
    """QGIS would write it as it shows it: warped, or with rows that run up."""
    gdal.Translate("/vsimem/slc.tif", write_slc(tmp_path / "slc.tif", points=points))
    with pytest.raises(UserError, match="Layer 'slc' is no file and lies nowhere on a map: save it as GeoTIFF"):
        image_of("/vsimem/slc.tif")


def test_a_complex_layer_in_memory_is_written_as_it_is(tmp_path, export):
    gdal.Translate("/vsimem/placed.tif", write_slc(tmp_path / "slc.tif", transform=ON_MAP))
    source = image_of("/vsimem/placed.tif").source(export)
    assert np.array_equal(gdal.Open(source.path).ReadAsArray(), speckled())


def test_all_bands_are_images_but_for_what_is_transparent(tmp_path):
    values = np.random.default_rng(0).integers(1, 255, (2, 8, 8)).astype(np.uint8)
    path = write_raster(tmp_path / "x.tif", values)
    assert image_of(path).described.bands == (1, 2)
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(2).SetColorInterpretation(gdal.GCI_AlphaBand)
    dataset = None
    assert image_of(path).described.bands == (1,)
    assert image_of(path, [2]).described.bands == (2,)
