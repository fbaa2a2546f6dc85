"""VV and VH as separate layers: matched as bands of one file are, by their mean power."""

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import QgsCoordinateTransformContext, QgsProcessingFeedback, QgsProject, QgsRasterLayer, QgsVectorLayer
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.inputs.export import Export
from sarbridge.processing_provider.inputs.joined_bands import check_joinable, join_bands
from sarbridge.processing_provider.inputs.layers import RasterInput
from sarbridge.tests.image_pair import matching, write_on_grid
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import read_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")


@pytest.fixture
def halves(pair, tmp_path):
    """The SAR image as two layers, each of which is noise in one half of the scene."""
    values = read_raster(pair[0])
    noise = np.random.default_rng(1).normal(-40, 1, values.shape)
    west = np.arange(values.shape[1]) < values.shape[1] // 2
    paths = [str(tmp_path / f"{name}.tif") for name in ("vv", "vh")]
    for path, where in zip(paths, (west, ~west)):
        write_on_grid(path, np.where(where, values, noise))
    return paths


def found(optical, sar, out, **others):
    results = processing.run("sarbridge:matchtiepoints", matching((sar, optical), out, **others))
    return [each["sar_col"] for each in QgsVectorLayer(results["TIE_POINTS"], "read", "ogr").getFeatures()], results


def test_points_are_found_where_either_layer_shows_something(pair, halves, out):
    alone, _ = found(pair[1], halves[0], out)
    both, results = found(pair[1], halves[0], out, SAR_OTHER=halves[1])
    assert alone and max(alone) < 260 and max(both) > 290 and len(both) > 1.3 * len(alone)
    assert results["MEAN_SHIFT_X_PX"] == pytest.approx(7, abs=0.05)
    assert results["MEAN_SHIFT_Y_PX"] == pytest.approx(-4, abs=0.05)


def test_a_band_of_the_other_layer_may_be_named(pair, halves, out, tmp_path):
    stack = str(tmp_path / "stack.vrt")
    gdal.BuildVRT(stack, halves, separate=True)
    expected, _ = found(pair[1], halves[0], out, SAR_OTHER=halves[1])
    assert found(pair[1], stack, out, SAR_OTHER=stack, SAR_OTHER_BAND=2)[0] == pytest.approx(expected)


def test_each_layer_keeps_its_no_data(tmp_path):
    files = [write_on_grid(tmp_path / f"{name}.tif", np.full((8, 8), value)) for name, value in (("a", 1), ("b", 2))]
    for path, nodata in zip(files, (1, -7)):
        dataset = gdal.Open(path, gdal.GA_Update)
        dataset.GetRasterBand(1).SetNoDataValue(nodata)
        dataset = None
    one, other = (RasterInput(QgsRasterLayer(path, "x"), [1]) for path in files)
    export = Export(tmp_path, (), QgsCoordinateTransformContext(), QgsProcessingFeedback())
    joined = gdal.Open(join_bands(one.source(export), other.source(export), export).path)
    assert [joined.GetRasterBand(band).GetNoDataValue() for band in (1, 2)] == [1, -7]
    np.testing.assert_array_equal(joined.ReadAsArray()[:, 0, 0], [1, 2])


@pytest.mark.parametrize(
    "axes", [(10, 0, 0, 10), (-10, 0, 0, -10), (8, 6, -6, 8)], ids=["south up", "mirrored", "turned"]
)
def test_layers_may_lie_in_any_way(axes, tmp_path):
    right_x, right_y, down_x, down_y = axes
    files = [write_on_grid(tmp_path / f"{name}.tif", np.full((8, 9), value)) for name, value in (("a", 1), ("b", 2))]
    geotransform = 500_000, right_x, down_x, 5_000_000, right_y, down_y
    for path in files:
        gdal.Open(path, gdal.GA_Update).SetGeoTransform(geotransform)
    one, other = (RasterInput(QgsRasterLayer(path, "x"), [1]) for path in files)
    check_joinable(one, other)
    export = Export(tmp_path, (), QgsCoordinateTransformContext(), QgsProcessingFeedback())
    joined = gdal.Open(join_bands(one.source(export), other.source(export), export).path)
    assert joined.GetGeoTransform() == pytest.approx(geotransform)
    np.testing.assert_array_equal(joined.ReadAsArray()[:, 7, 8], [1, 2])
    gdal.Open(files[1], gdal.GA_Update).SetGeoTransform((500_000, 10, 0, 5_000_000, 0, -10))
    with pytest.raises(UserError, match="different grids"):
        check_joinable(one, RasterInput(QgsRasterLayer(files[1], "y"), [1]))


def test_layers_that_do_not_go_together_are_refused(pair, halves, out, tmp_path):
    part, masked = str(tmp_path / "vh_part.tif"), str(tmp_path / "vh_masked.tif")
    gdal.Translate(part, halves[1], srcWin=[0, 0, 300, 300])
    gdal.Translate(masked, halves[1], maskBand=1)
    gdal.Translate("/vsimem/vh.tif", halves[1])
    in_memory = QgsProject.instance().addMapLayer(QgsRasterLayer("/vsimem/vh.tif", "vh")).id()
    for other, sentence in (
        (halves[0], "SAR layer (SAR) and SAR layer of another polarisation (SAR_OTHER) are the same image"),
        (part, "Layers 'vv' and 'vh_part' have different grids, as two polarisations of one product never have"),
        (masked, "Layer 'vh_masked' has a mask"),
        (in_memory, "Layer 'vh' is not a file"),
    ):
        said = complaint("sarbridge:matchtiepoints", matching((halves[0], pair[1]), out, SAR_OTHER=other))
        assert sentence in said and not list(out.iterdir())
    QgsProject.instance().clear()
    gdal.Unlink("/vsimem/vh.tif")
