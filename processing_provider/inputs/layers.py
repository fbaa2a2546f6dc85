"""Layers of the project → rasters that the engine can open (`RasterSource`).

Most layers are files that the engine opens itself. What it could not open, because it only exists in QGIS (WCS,
virtual layers, files in memory), is written to a temporary GeoTIFF of the pixels that are needed. What it would open
differently from what the user sees (open options, a no-data value switched off in the layer's properties) goes
through a small VRT.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from osgeo import gdal
from qgis.core import (
    Qgis,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsProcessingException,
    QgsProviderRegistry,
    QgsRasterBlockFeedback,
    QgsRasterFileWriter,
    QgsRasterLayer,
    QgsRasterPipe,
    QgsRasterRange,
    QgsRectangle,
)
from qgis.PyQt.QtCore import Qt

from ...contract.errors import UserError
from ...contract.sources import RasterSource, absolute_path
from ..gdal_results import open_raster, or_none, raster_or_none, without_open_options
from .export import Export
from .ground_size import sides_on_ground

MARGIN = 512
"""Pixels exported around the wanted area, at least: the windows of points at its edge need them. In matching they are
pixels of the coarser image (`RasterInput.reach_as_far_as`)."""

_HOLE_OF_VIRTUAL_LAYERS = -3.4028234663852886e38
"""The least 32-bit float: what virtual layers hold where their rasters have no data, without declaring it (3.22)."""


def visible_bands(layer: QgsRasterLayer) -> tuple[int, ...]:
    """Return the bands a viewer sees: the first three, or the first where there are fewer than three."""
    return (1, 2, 3) if band_count(layer) >= 3 else (1,)


def band_count(layer: QgsRasterLayer) -> int:
    """Return how many bands a layer has; QGIS counts the mask of a file as one more."""
    provider = layer.dataProvider()
    dataset = or_none(gdal.Open, without_open_options(provider.dataSourceUri(True))) if _by_gdal(provider) else None
    return dataset.RasterCount if dataset else provider.bandCount()


def _by_gdal(provider):
    return provider.name() == "gdal"


def wkt(crs: QgsCoordinateReferenceSystem) -> str:
    """Return a CRS as WKT 2 (nothing is lost on the way to the engine), empty when it is not valid."""
    return crs.toWkt(QgsCoordinateReferenceSystem.WktVariant.WKT_PREFERRED) if crs.isValid() else ""


class RasterInput:
    """A raster layer as taken on the main thread; `source` then describes it to the engine from any thread.

    `bands` are 1-based, all when left out; `surroundings`: metres around the wanted area that count as well;
    `anywhere`: it may be in radar geometry, whose CRS counts for nothing. Raises `UserError` when the layer has no CRS
    otherwise, lacks a band, has lost its file or holds pictures instead of values.
    """

    def __init__(
        self, layer: QgsRasterLayer, bands: Iterable[int] = (), surroundings: float = 0.0, anywhere: bool = False
    ):
        provider = layer.dataProvider()
        self._surroundings = surroundings
        self._pair, self._least_pixel, self._further = (), 0.0, 0
        self.name = layer.name()
        self.crs = layer.crs()
        self.extent = layer.extent()
        self.first_col, self.first_row = 0, 0
        count = band_count(layer)
        self._bands = tuple(bands) or tuple(range(1, count + 1))
        self._check_bands(count)
        self.size = provider.xSize(), provider.ySize()
        uri = provider.dataSourceUri(True)
        self.is_file = _by_gdal(provider) and "/vsimem/" not in uri and not uri.startswith("MEM:")
        self._keeps_file_nodata = all(
            provider.useSourceNoDataValue(band) or not provider.sourceHasNoDataValue(band) for band in self._bands
        )
        if self.is_file:
            self._path = absolute_path(without_open_options(uri))
            self._open_options = QgsProviderRegistry.instance().decodeUri("gdal", uri).get("openOptions") or []
            self._check_file()
        else:
            self._check_values(provider)
            self._pipe = QgsRasterPipe()
            self._pipe.set(provider.clone())  # once only: the clone of a clone of a virtual layer gives noise (3.22)
        self.text = self._path if self.is_file else uri
        """What GDAL, or else QGIS, opens."""
        nodata = _user_nodata(provider, self._bands)
        path = self._path if self.is_file else ""
        self.described = RasterSource(self.name, path, wkt(self.crs), self._bands, nodata, anywhere=anywhere)
        """The layer as known before its pixels are exported: good for checking a job, not for running it."""

    def reach_as_far_as(self, other: "RasterInput", pixel_size: float, further: int = 0) -> None:
        """Have both layers exported as far around the wanted area as pixels of the coarser one, or larger ones, need.

        pixel_size: metres, 0 for the coarser layer's. further: such pixels more, by which layers may be off.
        """
        self._pair = other._pair = self, other
        self._least_pixel = other._least_pixel = pixel_size
        self._further = other._further = further

    def source(self, export: Export) -> RasterSource:
        """Return the layer as the engine opens it.

        A layer that is not a file is written; `first_col` and `first_row` then say with which of the layer's pixels the
        file begins.
        """
        if not self.is_file:
            return replace(self.described, path=self._written(export))
        if self._open_options or not self._keeps_file_nodata:
            return replace(self.described, path=self._as_vrt(export))
        return self.described

    def _check_bands(self, count):
        for band in self._bands:
            if not 1 <= band <= count:
                raise UserError(f"Layer '{self.name}' has no band {band}: choose one between 1 and {count}.")

    def _check_file(self):
        path = Path(self._path)
        if path.is_absolute() and not self._path.startswith("/vsi") and not path.exists():
            raise UserError(f"The file of layer '{self.name}' is gone ({path}): restore it or choose another layer.")

    def _check_values(self, provider):
        pictures = (Qgis.DataType.ARGB32, Qgis.DataType.ARGB32_Premultiplied)
        if provider.dataType(self._bands[0]) in pictures or not all(self.size):
            raise UserError(
                f"Layer '{self.name}' is a map service that gives pictures but no pixel values: save the area as"
                " GeoTIFF and choose that file, or use the service as WCS."
            )

    def _as_vrt(self, export):
        dataset = open_raster(self._path, self.name, self._open_options)
        path = export.new_file(".vrt")
        gdal.Translate(path, dataset, format="VRT", noData=None if self._keeps_file_nodata else "none")
        return path

    def _written(self, export):
        feedback = export.feedback
        feedback.pushInfo(f"Layer '{self.name}' is not a file: its pixels are written to a temporary one.")
        rectangle, columns, rows = self._window(export)
        path = export.new_file(".tif")
        writing = QgsRasterBlockFeedback()
        # Direct: it is cancelled from another thread, and this one runs no events while it writes.
        feedback.canceled.connect(writing.cancel, Qt.ConnectionType.DirectConnection)
        writer = QgsRasterFileWriter(path)
        outcome = writer.writeRaster(self._pipe, columns, rows, rectangle, self.crs, export.transform_context, writing)
        if feedback.isCanceled():
            raise QgsProcessingException("Cancelled.")
        if outcome != QgsRasterFileWriter.WriterError.NoError or writing.errors():
            raise UserError(
                f"Layer '{self.name}' could not be copied to the temporary folder {export.folder}"
                f" ({'; '.join(writing.errors()) or 'is the disk full?'}): make room or save the layer as GeoTIFF."
            )
        return self._with_what_bands_say(path, export)

    def _with_what_bands_say(self, path, export):
        """Return a VRT of a written file that tells what QGIS does not: units, colours, and which band is a mask."""
        original = raster_or_none(without_open_options(self.text))
        if original is None:
            return path
        told = export.new_file(".vrt")
        numbers = range(1, original.RasterCount + 1)
        # QGIS counts a mask as one more band.
        mask = len(numbers) + 1 if open_raster(path, self.name).RasterCount > len(numbers) else None
        no_data = None if self._keeps_file_nodata else "none"
        copy = gdal.Translate(told, path, format="VRT", bandList=[*numbers], maskBand=mask, noData=no_data)
        copy.SetProjection(original.GetProjection())  # for its vertical part; where the layer lies QGIS says
        for number in numbers:
            band, source = copy.GetRasterBand(number), original.GetRasterBand(number)
            band.SetUnitType(source.GetUnitType())
            band.SetColorInterpretation(source.GetColorInterpretation())
            if source.GetColorTable():
                band.SetColorTable(source.GetColorTable())
        return told

    def _window(self, export):
        """Return (rectangle, columns, rows): the pixels within all areas, and the margin, on the layer's own grid."""
        width, height = self.size
        size_x, size_y = self.extent.width() / width, self.extent.height() / height
        wanted = QgsRectangle(self.extent)
        for rectangle, crs in export.areas:
            wanted = wanted.intersect(self._in_own_crs(rectangle, crs, export.transform_context))
        if wanted.isEmpty():
            raise UserError(
                f"Layer '{self.name}' does not overlap the other layer or the extent: choose layers of the same area."
            )
        place = wanted.center(), self.crs, export.transform_context
        pixels = [max(layer._pixel_at(*place)) for layer in self._pair]
        surroundings = max(self._surroundings, (MARGIN + self._further) * max(pixels + [self._least_pixel]))
        more_cols, more_rows = (max(MARGIN, math.ceil(surroundings / side - 0.01)) for side in self._pixel_at(*place))
        first_col = max(0, math.floor((wanted.xMinimum() - self.extent.xMinimum()) / size_x) - more_cols)
        first_row = max(0, math.floor((self.extent.yMaximum() - wanted.yMaximum()) / size_y) - more_rows)
        end_col = min(width, math.ceil((wanted.xMaximum() - self.extent.xMinimum()) / size_x) + more_cols)
        end_row = min(height, math.ceil((self.extent.yMaximum() - wanted.yMinimum()) / size_y) + more_rows)
        self.first_col, self.first_row = first_col, first_row
        rectangle = QgsRectangle(
            self.extent.xMinimum() + first_col * size_x,
            self.extent.yMaximum() - end_row * size_y,
            self.extent.xMinimum() + end_col * size_x,
            self.extent.yMaximum() - first_row * size_y,
        )
        return rectangle, end_col - first_col, end_row - first_row

    def _pixel_at(self, place, crs, transform_context):
        """Return (width, height) of a pixel in metres on the ground at a place, which is given in a CRS."""
        try:
            place = QgsCoordinateTransform(crs, self.crs, transform_context).transform(place)
        except QgsCsException:
            place = self.extent.center()
        sides = (extent / count for extent, count in zip((self.extent.width(), self.extent.height()), self.size))
        return sides_on_ground(place, *sides, self.crs, transform_context)

    def _in_own_crs(self, rectangle, crs, transform_context):
        try:
            return QgsCoordinateTransform(crs, self.crs, transform_context).transformBoundingBox(rectangle)
        except QgsCsException:
            return QgsRectangle(self.extent)  # no bounding box to be had there: the engine judges pixel by pixel


def _user_nodata(provider, bands):
    """Return the closed value ranges that are no data in any of `bands`: declared by the user, or untold by QGIS."""
    include_min = (QgsRasterRange.BoundsType.IncludeMin, QgsRasterRange.BoundsType.IncludeMinAndMax)
    include_max = (QgsRasterRange.BoundsType.IncludeMax, QgsRasterRange.BoundsType.IncludeMinAndMax)
    ranges = {(-math.inf, _HOLE_OF_VIRTUAL_LAYERS)} if provider.name() == "virtualraster" else set()
    for band in bands:
        for declared in provider.userNoDataValues(band):
            low = -math.inf if math.isnan(declared.min()) else declared.min()
            high = math.inf if math.isnan(declared.max()) else declared.max()
            ranges.add(
                (
                    low if declared.bounds() in include_min else math.nextafter(low, math.inf),
                    high if declared.bounds() in include_max else math.nextafter(high, -math.inf),
                )
            )
    return tuple(sorted(ranges))
