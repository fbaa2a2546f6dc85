"""Layers → sources: what the engine would open is opened here with GDAL and compared with what was planted."""

import math
import re
import threading
from pathlib import PureWindowsPath

import numpy as np
import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsRasterRange,
    QgsRectangle,
)
from sarbridge.contract import sources  # noqa: E402
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.inputs import layers
from sarbridge.processing_provider.inputs.export import Export
from sarbridge.processing_provider.inputs.layers import RasterInput, visible_bands
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application")

LEFT, TOP, PIXEL = 500_000, 5_000_000, 10
UTM = QgsCoordinateReferenceSystem("EPSG:32633")


def make_raster(path, bands=1, width=50, height=40, nodata=None):
    """Write values col + 100 · row + 10,000 · (band − 1) and return them, [bands, height, width]."""
    rows, columns = np.mgrid[:height, :width]
    values = np.stack([columns + 100 * rows + 10_000 * band for band in range(bands)]).astype("float32")
    write_raster(path, values, PIXEL, (LEFT, TOP), nodata)
    return values


def source_of(layer, folder, bands=(1,), areas=()):
    taken = RasterInput(layer, bands)
    return taken, taken.source(export_into(folder, areas))


def export_into(folder, areas=(), feedback=None):
    return Export(folder, areas, QgsCoordinateTransformContext(), feedback or QgsProcessingFeedback())


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "exports"
    made.mkdir()
    return made


def test_a_file_is_opened_where_it_lies(tmp_path, folder):
    make_raster(tmp_path / "a.tif", bands=4)
    layer = QgsRasterLayer(str(tmp_path / "a.tif"), "optical")
    taken, source = source_of(layer, folder, visible_bands(layer))
    assert taken.is_file
    assert (source.name, source.path, source.bands, source.nodata) == (
        "optical",
        str(tmp_path / "a.tif"),
        (1, 2, 3),
        (),
    )
    assert QgsCoordinateReferenceSystem.fromWkt(source.crs) == UTM
    assert list(folder.iterdir()) == []


def test_a_relative_path_becomes_absolute(tmp_path, folder, monkeypatch):
    make_raster(tmp_path / "a.tif")
    monkeypatch.chdir(tmp_path)
    _, source = source_of(QgsRasterLayer("a.tif", "a"), folder)
    assert source.path == str(tmp_path / "a.tif")


def test_a_subdataset_and_a_zip_keep_their_gdal_names(tmp_path, folder):
    make_raster(tmp_path / "a.tif")
    gdal.Translate(str(tmp_path / "a.nc"), str(tmp_path / "a.tif"), format="NetCDF")
    name = f'NETCDF:"{tmp_path / "a.nc"}":Band1'
    assert source_of(QgsRasterLayer(name, "a"), folder)[1].path == name


def test_the_crs_set_in_qgis_wins(tmp_path, folder):
    make_raster(tmp_path / "a.tif")
    layer = QgsRasterLayer(str(tmp_path / "a.tif"), "a")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:25833"))
    _, source = source_of(layer, folder)
    assert QgsCoordinateReferenceSystem.fromWkt(source.crs).authid() == "EPSG:25833"


def test_no_data_ranges_of_the_user_become_closed_ranges(tmp_path, folder):
    make_raster(tmp_path / "a.tif")
    layer = QgsRasterLayer(str(tmp_path / "a.tif"), "a")
    bounds = QgsRasterRange.BoundsType
    ranges = [QgsRasterRange(3, 5), QgsRasterRange(8, 9, bounds.IncludeMin), QgsRasterRange(20, 21, bounds.Exclusive)]
    layer.dataProvider().setUserNoDataValue(1, ranges)
    _, source = source_of(layer, folder)
    assert source.nodata == (
        (3, 5),
        (8, math.nextafter(9, 0)),
        (math.nextafter(20, 30), math.nextafter(21, 0)),
    )


@pytest.mark.usefixtures("gdal_failures")
def test_a_no_data_value_that_was_switched_off_counts_as_a_value(tmp_path, folder):
    values = make_raster(tmp_path / "a.tif", nodata=7)
    layer = QgsRasterLayer(str(tmp_path / "a.tif"), "a")
    layer.dataProvider().setUseSourceNoDataValue(1, False)
    _, source = source_of(layer, folder)
    opened = gdal.Open(source.path)
    assert opened.GetRasterBand(1).GetNoDataValue() is None
    np.testing.assert_array_equal(opened.ReadAsArray(), values[0])


@pytest.mark.usefixtures("gdal_failures")
def test_open_options_reach_the_engine(tmp_path, folder):
    make_raster(tmp_path / "a.tif")
    gdal.Translate(str(tmp_path / "a.asc"), str(tmp_path / "a.tif"), format="AAIGrid")
    layer = QgsRasterLayer(f"{tmp_path / 'a.asc'}|option:DATATYPE=Float64", "a")
    _, source = source_of(layer, folder)
    assert gdal.Open(source.path).GetRasterBand(1).DataType == gdal.GDT_Float64


def test_a_layer_in_memory_is_exported_as_far_as_it_is_needed(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(layers, "MARGIN", 2)
    values = make_raster("/vsimem/a.tif", bands=2)
    layer = QgsRasterLayer("/vsimem/a.tif", "in memory")
    area = QgsRectangle(LEFT + 104, TOP - 253, LEFT + 196, TOP - 151)  # columns 10..19, rows 15..25
    taken, source = source_of(layer, folder, (2,), [(area, UTM)])
    gdal.Unlink("/vsimem/a.tif")
    assert not taken.is_file
    opened = gdal.Open(source.path)
    assert (taken.first_col, taken.first_row) == (8, 13)
    np.testing.assert_array_equal(opened.GetRasterBand(2).ReadAsArray(), values[1, 13:28, 8:22])
    assert opened.GetGeoTransform() == (LEFT + 80, PIXEL, 0, TOP - 130, 0, -PIXEL)


def test_a_layer_in_memory_is_exported_with_what_its_bands_say(folder):
    """Feet, colours of classes, heights above another datum, and a mask, which QGIS takes for one more band."""
    values = make_raster("/vsimem/a.tif")
    written = gdal.Translate("/vsimem/b.tif", "/vsimem/a.tif", outputSRS="EPSG:32633+6360", outputType=gdal.GDT_UInt16)
    written.GetRasterBand(1).SetUnitType("ft")
    colours = gdal.ColorTable()
    colours.SetColorEntry(1, (9, 8, 7, 255))
    written.GetRasterBand(1).SetColorTable(colours)
    written.CreateMaskBand(gdal.GMF_PER_DATASET)
    mask = np.where(values[0] % 2, 255, 0).astype("uint8")
    written.GetRasterBand(1).GetMaskBand().WriteArray(mask)
    written = None
    _, source = source_of(QgsRasterLayer("/vsimem/b.tif", "in memory"), folder)
    for name in gdal.ReadDir("/vsimem/"):
        gdal.Unlink(f"/vsimem/{name}")
    opened = gdal.Open(source.path)
    band = opened.GetRasterBand(1)
    assert opened.RasterCount == 1 and band.GetUnitType() == "ft" and opened.GetSpatialRef().IsCompound()
    assert band.GetColorTable().GetColorEntry(1) == (9, 8, 7, 255)
    np.testing.assert_array_equal(band.GetMaskBand().ReadAsArray(), mask)
    np.testing.assert_array_equal(band.ReadAsArray()[mask > 0], values[0][mask > 0])


def test_a_layer_in_memory_keeps_what_the_user_says_of_no_data(folder):
    values = make_raster("/vsimem/a.tif", nodata=3)
    layer = QgsRasterLayer("/vsimem/a.tif", "in memory")
    layer.dataProvider().setUserNoDataValue(1, [QgsRasterRange(7, 9)])
    _, source = source_of(layer, folder)
    assert source.nodata == ((7, 9),) and gdal.Open(source.path).GetRasterBand(1).GetNoDataValue() == 3
    layer.dataProvider().setUseSourceNoDataValue(1, False)
    _, source = source_of(layer, folder)
    gdal.Unlink("/vsimem/a.tif")
    opened = gdal.Open(source.path)
    assert source.nodata == ((7, 9),) and opened.GetRasterBand(1).GetNoDataValue() is None
    np.testing.assert_array_equal(opened.ReadAsArray()[:, :7], values[0][:, :7])


def test_more_surroundings_of_an_elevation_layer_are_exported(folder, monkeypatch):
    """35 m of them are four pixels, where the margin is two."""
    monkeypatch.setattr(layers, "MARGIN", 2)
    make_raster("/vsimem/a.tif")
    taken = layers.RasterInput(QgsRasterLayer("/vsimem/a.tif", "in memory"), (1,), surroundings=35.0)
    area = QgsRectangle(LEFT + 104, TOP - 253, LEFT + 196, TOP - 151)  # columns 10..19, rows 15..25
    source = taken.source(export_into(folder, [(area, UTM)]))
    gdal.Unlink("/vsimem/a.tif")
    assert (taken.first_col, taken.first_row) == (6, 11)
    assert gdal.Open(source.path).ReadAsArray().shape == (26 - 11 + 4, 20 - 6 + 4)


def test_holes_of_a_virtual_layer_are_no_data(tmp_path, folder):
    make_raster(tmp_path / "a.tif")
    dataset = gdal.Open(str(tmp_path / "a.tif"), gdal.GA_Update)
    hole = float(dataset.GetRasterBand(1).ReadAsArray()[3, 5])
    dataset.GetRasterBand(1).SetNoDataValue(hole)
    dataset = None
    uri = (
        f"?crs=EPSG:32633&extent={LEFT},{TOP - 400},{LEFT + 500},{TOP}&width=50&height=40&formula=%22r@1%22"
        f"&r:uri={tmp_path / 'a.tif'}&r:provider=gdal"
    )
    _, source = source_of(QgsRasterLayer(uri, "same", "virtualraster"), folder)
    [(low, high)] = source.nodata
    assert low <= gdal.Open(source.path).ReadAsArray()[3, 5] <= high < -1e38


def test_a_virtual_layer_is_exported_with_its_values(tmp_path, folder):
    values = make_raster(tmp_path / "a.tif")
    uri = (
        f"?crs=EPSG:32633&extent={LEFT},{TOP - 400},{LEFT + 500},{TOP}&width=50&height=40&formula=%22r@1%22*2"
        f"&r:uri={tmp_path / 'a.tif'}&r:provider=gdal"
    )
    layer = QgsRasterLayer(uri, "doubled", "virtualraster")
    assert layer.isValid()
    _, source = source_of(layer, folder)
    np.testing.assert_array_equal(gdal.Open(source.path).ReadAsArray(), 2 * values[0])


def test_both_layers_of_a_pair_reach_as_far_as_the_coarser_needs(tmp_path, monkeypatch):
    monkeypatch.setattr(layers, "MARGIN", 2)
    make_raster(tmp_path / "coarse.tif")
    make_raster("/vsimem/fine.tif")
    gdal.Open("/vsimem/fine.tif", gdal.GA_Update).SetGeoTransform((LEFT, 1, 0, TOP, 0, -1))
    coarse = RasterInput(QgsRasterLayer(str(tmp_path / "coarse.tif"), "coarse"), (1,))
    fine = RasterInput(QgsRasterLayer("/vsimem/fine.tif", "fine"), (1,))
    coarse.reach_as_far_as(fine, 0.0)
    folder = tmp_path / "exports"
    folder.mkdir()
    area = QgsRectangle(LEFT + 30, TOP - 35, LEFT + 31, TOP - 34)  # one pixel of the fine layer, of 50 by 40
    fine.source(export_into(folder, [(area, UTM)]))
    gdal.Unlink("/vsimem/fine.tif")
    assert (fine.first_col, fine.first_row) == (10, 14)


def test_surroundings_are_metres_on_the_ground(tmp_path, monkeypatch):
    """At 60° N a pixel of 20 units of Web Mercator is one of 10 m: 35 m are four of them. In units it would be two."""
    monkeypatch.setattr(layers, "MARGIN", 1)
    top = 8_399_738
    make_raster("/vsimem/web.tif")
    dataset = gdal.Open("/vsimem/web.tif", gdal.GA_Update)
    dataset.SetGeoTransform((0, 20, 0, top, 0, -20))
    web = QgsCoordinateReferenceSystem("EPSG:3857")
    dataset.SetProjection(web.toWkt())
    dataset = None
    layer = QgsRasterLayer("/vsimem/web.tif", "web")
    area = QgsRectangle(204, top - 503, 396, top - 301)  # columns 10..19, rows 15..25
    for number, (surroundings, pixel_size, further) in enumerate(((35.0, 0.0, 0), (0.0, 35.0, 0), (0.0, 17.5, 1))):
        taken = RasterInput(layer, (1,), surroundings)
        if not surroundings:
            taken.reach_as_far_as(RasterInput(layer, (1,)), pixel_size, further)
        folder = tmp_path / f"exports{number}"
        folder.mkdir()
        taken.source(export_into(folder, [(area, web)]))
        assert (taken.first_col, taken.first_row) == (10 - 4, 15 - 4)
    gdal.Unlink("/vsimem/web.tif")


def test_a_cancel_from_another_thread_ends_an_export(folder, monkeypatch):
    """The thread that writes runs no events: the writer must hear of it all the same."""
    make_raster("/vsimem/a.tif")
    taken = RasterInput(QgsRasterLayer("/vsimem/a.tif", "in memory"), (1,))
    feedback, heard = QgsProcessingFeedback(), []

    class Writer(layers.QgsRasterFileWriter):
        def writeRaster(self, pipe, columns, rows, rectangle, crs, context, writing):
            canceller = threading.Thread(target=feedback.cancel)
            canceller.start()
            canceller.join()
            heard.append(writing.isCanceled())
            return self.WriterError.NoError

    monkeypatch.setattr(layers, "QgsRasterFileWriter", Writer)
    exporting = threading.Thread(target=lambda: heard.append(cancelled(taken, folder, feedback)))
    exporting.start()
    exporting.join()
    gdal.Unlink("/vsimem/a.tif")
    assert heard == [True, True]


def cancelled(taken, folder, feedback):
    with pytest.raises(QgsProcessingException, match="Cancelled"):
        taken.source(export_into(folder, feedback=feedback))
    return True


def test_an_export_without_overlap_is_refused(tmp_path, folder):
    make_raster("/vsimem/b.tif")
    elsewhere = QgsRectangle(10, 10, 11, 11)
    with pytest.raises(UserError, match="'in memory' does not overlap"):
        source_of(
            QgsRasterLayer("/vsimem/b.tif", "in memory"),
            folder,
            areas=[(elsewhere, QgsCoordinateReferenceSystem("EPSG:4326"))],
        )


def test_a_missing_band_is_named(tmp_path):
    make_raster(tmp_path / "a.tif")
    with pytest.raises(UserError, match="Layer 'a' has no band 2: choose one between 1 and 1"):
        RasterInput(QgsRasterLayer(str(tmp_path / "a.tif"), "a"), (2,))


def test_a_layer_without_crs_is_refused(tmp_path):
    make_raster(tmp_path / "a.tif")
    layer = QgsRasterLayer(str(tmp_path / "a.tif"), "a")
    layer.setCrs(QgsCoordinateReferenceSystem())
    with pytest.raises(UserError, match="Layer 'a' has no coordinate reference system"):
        RasterInput(layer, (1,))


def test_a_file_that_vanished_is_named(tmp_path):
    make_raster(tmp_path / "a.tif")
    layer = QgsRasterLayer(str(tmp_path / "a.tif"), "a")
    (tmp_path / "a.tif").unlink()
    with pytest.raises(UserError, match="layer 'a' is gone"):
        RasterInput(layer, (1,))


class Elsewhere:
    """A layer, or its provider, that says that its file lies elsewhere."""

    def __init__(self, real, uri):
        self._real, self._uri = real, uri

    def dataProvider(self):
        return Elsewhere(self._real.dataProvider(), self._uri)

    def dataSourceUri(self, expand_auth=False):
        return self._uri

    def __getattr__(self, name):
        return getattr(self._real, name)


class WindowsPath(PureWindowsPath):
    is_there = True

    def exists(self):
        return self.is_there and self.is_absolute()

    def absolute(self):
        return self


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("C:/data/a.tif", r"C:\data\a.tif"),
        (r"C:\data\a.tif|option:NUM_THREADS=2", r"C:\data\a.tif"),
        ("//server/share/a.tif", r"\\server\share\a.tif"),
    ],
)
def test_paths_of_windows(tmp_path, monkeypatch, uri, path):
    make_raster(tmp_path / "a.tif")
    layer = Elsewhere(QgsRasterLayer(str(tmp_path / "a.tif"), "a"), uri)
    on_windows(monkeypatch)
    assert RasterInput(layer, (1,)).described.path == path
    monkeypatch.setattr(WindowsPath, "is_there", False)
    with pytest.raises(UserError, match=f"layer 'a' is gone \\({re.escape(path)}\\)"):
        RasterInput(layer, (1,))


def on_windows(monkeypatch):
    for module in (layers, sources):
        monkeypatch.setattr(module, "Path", WindowsPath)


@pytest.mark.parametrize("uri", ['NETCDF:"C:/data/a.nc":Band1', "/vsizip/C:/data/a.zip/a.tif"])
def test_names_of_gdal_are_no_paths_of_windows(tmp_path, monkeypatch, uri):
    make_raster(tmp_path / "a.tif")
    layer = Elsewhere(QgsRasterLayer(str(tmp_path / "a.tif"), "a"), uri)
    on_windows(monkeypatch)
    assert RasterInput(layer, (1,)).described.path == uri


def test_a_picture_service_is_refused():
    layer = QgsRasterLayer("type=xyz&url=file:///nowhere/{z}/{x}/{y}.png&zmax=3&zmin=0", "tiles", "wms")
    with pytest.raises(UserError, match="'tiles' is a map service"):
        RasterInput(layer, (1,))
