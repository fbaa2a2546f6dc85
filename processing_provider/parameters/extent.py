"""Which part of a layer an algorithm works on: the optional parameter `EXTENT`, and what jobs make of it."""

import re
from typing import Any, NamedTuple, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterExtent,
    QgsProcessingParameters,
    QgsRectangle,
    QgsReferencedRectangle,
)

from ..algorithm import SarbridgeAlgorithm
from ..inputs.layers import RasterInput, wkt
from .given import Given, is_empty
from .number import finite

EXTENT = "EXTENT"

_TEXT = re.compile(r"([^,]*),([^,]*),([^,]*),([^,[]*)(?:\[(.*)\]\s*)?")
"""West, east, south, north [CRS]: as QGIS writes an extent."""

_KINDS = (
    str,
    QgsRectangle,
    QgsGeometry,
    QgsMapLayer,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
)


class Extent(NamedTuple):
    """A rectangle, null without an extent, and its CRS."""

    rectangle: QgsRectangle
    crs: QgsCoordinateReferenceSystem

    @property
    def areas(self) -> tuple[tuple[QgsRectangle, QgsCoordinateReferenceSystem], ...]:
        """What layers must cover of it: pairs (rectangle, CRS), as an `Export` has them."""
        return () if self.rectangle.isNull() else ((self.rectangle, self.crs),)

    @property
    def corners(self) -> tuple[float, ...]:
        """(xmin, ymin, xmax, ymax), as jobs hold an extent; empty without one."""
        box = self.rectangle
        return () if box.isNull() else (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())

    @property
    def wkt(self) -> str:
        """The CRS of the corners; empty without them."""
        return "" if self.rectangle.isNull() else wkt(self.crs)


def add_extent(algorithm: SarbridgeAlgorithm, help_text: str) -> None:
    """Add the extent to an algorithm; `help_text` says what an empty one means."""
    algorithm.add_parameter(QgsProcessingParameterExtent(EXTENT, algorithm.tr("Extent"), optional=True), help_text)


def extent_in(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    crs: QgsCoordinateReferenceSystem,
) -> Extent:
    """Return the extent in a CRS, whatever it was given in; raises `UserError` for one that is none there."""
    given = _given(algorithm, parameters, context)
    if given is None:
        return Extent(QgsRectangle(), crs)
    extent = read_extent(given)
    if not extent.crs().isValid() or extent.crs() == crs:
        return Extent(QgsRectangle(extent), crs)
    transform = QgsCoordinateTransform(extent.crs(), crs, context.transformContext())
    try:
        rectangle, centre = transform.transformBoundingBox(extent), transform.transform(extent.center())
    except QgsCsException:
        rectangle = QgsRectangle()
    if rectangle.isNull() or not rectangle.isFinite():
        raise given.refused("it does not lie where the coordinates of the layer are defined; choose one within it")
    if crs.isGeographic() and rectangle.width() > 180 and abs(centre.x()) > 90:
        raise _across_180(given)
    return Extent(rectangle, crs)


def extent_of_image(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext, image: RasterInput
) -> Extent:
    """Return the extent in the CRS of an image; of one in radar geometry in its columns and rows, downwards from 0.

    QGIS shows rows as y = -row, and a rectangle that is drawn over such an image has a CRS that says nothing of it.
    Raises `UserError` where the two are apart, and where QGIS lays an image on the map that its file does not.
    """
    given = _given(algorithm, parameters, context)
    if given is None or not image.described.anywhere:
        return extent_in(algorithm, parameters, context, image.crs)
    box, shown, (columns, rows) = read_extent(given), image.extent, image.size
    if shown != QgsRectangle(0, -rows, columns, 0):
        raise given.refused(
            f"layer '{image.name}' is in radar geometry, and only points or a model in its file say where on the map it"
            " lies, so that a rectangle of the map is none of its pixels; leave it empty, or cut the file before"
        )
    if box.intersect(shown).isEmpty():
        raise given.refused(
            f"it does not meet layer '{image.name}', which lies nowhere on a map: QGIS shows its columns from 0 to"
            f" {columns} and its rows from {-rows} to 0; give four numbers within these, without a coordinate reference"
            f" system, such as '0,{columns},{-rows},0'"
        )
    pixels = QgsRectangle(box.xMinimum(), -box.yMaximum(), box.xMaximum(), -box.yMinimum())
    return Extent(pixels, QgsCoordinateReferenceSystem())


def extent_as_given(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    otherwise: Optional[QgsCoordinateReferenceSystem] = None,
) -> Extent:
    """Return the extent in the CRS that it names, the project's where it names none, `otherwise` without a project.

    Raises `UserError` when none of these is there, and for an extent that is none.
    """
    given = _given(algorithm, parameters, context)
    if given is None:
        return Extent(QgsRectangle(), otherwise or QgsCoordinateReferenceSystem())
    extent = read_extent(given)
    project = context.project()
    candidates = (extent.crs(), project.crs() if project else None, otherwise)
    crs = next((each for each in candidates if each is not None and each.isValid()), None)
    if crs is None:
        raise given.refused("it has no coordinate reference system; give it one, such as '0,5120,0,5120 [EPSG:32633]'")
    return Extent(QgsRectangle(extent), crs)


def read_extent(given: Given) -> QgsReferencedRectangle:
    """Return a rectangle with a width and a height, and its CRS, which is not valid where none was named."""
    if not isinstance(given.value, _KINDS):
        raise _no_extent(given)
    text = _TEXT.fullmatch(given.value) if isinstance(given.value, str) else None
    west, east, south, north, crs = _from_text(given, text) if text else _from_layer(given)
    corners = [finite(each) for each in (west, east, south, north)]
    if None in corners or corners == [0.0] * 4:  # QGIS's rectangle of nothing
        raise _no_extent(given)
    west, east, south, north = corners
    if west > east and crs.isGeographic():
        raise _across_180(given)
    if west >= east or south >= north:
        raise given.refused(
            f"west ({west:.10g}) must be less than east ({east:.10g}), and south ({south:.10g}) less than north"
            f" ({north:.10g}); give them in this order, or draw the extent anew"
        )
    if crs.isGeographic() and (south < -90 or north > 90):
        raise given.refused(f"latitudes end at 90 degrees, but it reaches from {south:.10g} to {north:.10g}")
    return QgsReferencedRectangle(QgsRectangle(west, south, east, north), crs)


def _given(algorithm, parameters, context):
    value = parameters.get(EXTENT)
    definition = algorithm.parameterDefinition(EXTENT)
    return None if is_empty(value) else Given(algorithm, definition, value, parameters, context)


def _from_text(given, text):
    crs = QgsCoordinateReferenceSystem()
    if text[5] is not None and not text[5].strip():
        # As QGIS's own widget writes the project's CRS where that has no code.
        crs = given.context.project().crs() if given.context.project() else crs
    elif text[5] is not None:
        crs = QgsCoordinateReferenceSystem(text[5].strip())
        if not crs.isValid():
            raise given.refused(
                f"QGIS knows no coordinate reference system '{text[5]}'; give another, such as EPSG:32633"
            )
    return (*text.groups()[:4], crs)


def _from_layer(given):
    """Return what a rectangle, a geometry or a layer says."""
    box, crs = given.value, QgsCoordinateReferenceSystem()
    if isinstance(box, QgsGeometry):
        box = box.boundingBox()
    elif isinstance(box, QgsReferencedRectangle):
        crs = box.crs()
    elif not isinstance(box, QgsRectangle):
        parameters = {EXTENT: given.value}
        box = QgsProcessingParameters.parameterAsExtent(given.definition, parameters, given.context)
        crs = QgsProcessingParameters.parameterAsExtentCrs(given.definition, parameters, given.context)
        if box.xMinimum() > box.xMaximum():  # of a layer without features
            raise _no_extent(given)
    return box.xMinimum(), box.xMaximum(), box.yMinimum(), box.yMaximum(), crs


def _no_extent(given):
    return given.must_be(
        "a layer that is not empty or four finite numbers, west, east, south and north, with their coordinate reference"
        " system, such as '0,5120,0,5120 [EPSG:32633]'"
    )


def _across_180(given):
    return given.refused("it reaches across 180 degrees, where coordinates jump; choose a part on one side")
