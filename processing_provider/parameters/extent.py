"""Which part of a layer an algorithm works on: the optional parameter `EXTENT`, and what jobs make of it."""

from typing import Any, NamedTuple, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterExtent,
    QgsRectangle,
)

from ...contract.errors import UserError
from ..algorithm import SarbridgeAlgorithm
from ..inputs.layers import wkt

EXTENT = "EXTENT"


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
    """Return the extent in a CRS, whatever it was given in; raises `UserError` for one without finite corners."""
    return _checked(Extent(algorithm.parameterAsExtent(parameters, EXTENT, context, crs), crs), parameters)


def extent_as_given(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    otherwise: Optional[QgsCoordinateReferenceSystem] = None,
) -> Extent:
    """Return the extent in the CRS that it names, the project's where it names none, `otherwise` without a project.

    Raises `UserError` when none of these is there, and for an extent without finite corners.
    """
    rectangle = algorithm.parameterAsExtent(parameters, EXTENT, context)
    crs = algorithm.parameterAsExtentCrs(parameters, EXTENT, context)
    if not crs.isValid() and otherwise is not None:
        crs = otherwise
    if not rectangle.isNull() and not crs.isValid():
        raise UserError(
            f"{EXTENT} has no coordinate reference system: give it one, such as '0,5120,0,5120 [EPSG:32633]'."
        )
    return _checked(Extent(rectangle, crs), parameters)


def _checked(extent, parameters):
    """In QGIS 3.40 corners that are no numbers make a null rectangle, as if no extent had been given."""
    given = parameters.get(EXTENT)
    is_left_out = extent.rectangle.isNull() and not (isinstance(given, str) and given)
    if is_left_out or (extent.rectangle.isFinite() and not extent.rectangle.isNull()):
        return extent
    raise UserError(
        f"{EXTENT} must be four finite numbers, west, east, south and north: draw it anew or leave it empty."
    )
