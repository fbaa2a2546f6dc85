"""Metres on the ground of what is measured in units of a map, on QGIS's side: how far around an area pixels count."""

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsDistanceArea,
    QgsPointXY,
)

GLOBE = "EPSG:4326"


def prepare() -> None:
    """Have QGIS's main thread know what `ruler` and `sides_on_ground` need, when the provider is loaded.

    QGIS 3.22 loses a CRS that is in its caches when the thread ends that was the first to ask for it, as that of a
    dialog's run does.
    """
    QgsCoordinateReferenceSystem(GLOBE).toWkt()
    ruler().ellipsoidCrs().toWkt()


def ruler() -> QgsDistanceArea:
    """Return what measures metres, on the ellipsoid of WGS 84, between places in the degrees of `GLOBE`.

    It is not set up for other CRSs: where QGIS has lost the CRS of the ellipsoid (`prepare`) it would take their units
    for degrees.
    """
    measure = QgsDistanceArea()
    measure.setSourceCrs(QgsCoordinateReferenceSystem(GLOBE), QgsCoordinateTransformContext())
    measure.setEllipsoid("EPSG:7030")
    return measure


def sides_on_ground(
    place: QgsPointXY,
    width: float,
    height: float,
    crs: QgsCoordinateReferenceSystem,
    transform_context: QgsCoordinateTransformContext,
) -> tuple[float, float]:
    """Return metres, on the ellipsoid of WGS 84, along a box of `width` × `height` units of a CRS around a `place`.

    They are a billionth where the place is none on the Earth.
    """
    to_globe = QgsCoordinateTransform(crs, QgsCoordinateReferenceSystem(GLOBE), transform_context)
    x, y = place.x(), place.y()
    ends = (
        (QgsPointXY(x - width / 2, y), QgsPointXY(x + width / 2, y)),
        (QgsPointXY(x, y - height / 2), QgsPointXY(x, y + height / 2)),
    )
    measure, least = ruler(), 1e-9
    try:
        across, along = (measure.measureLine([to_globe.transform(end) for end in each]) for each in ends)
    except QgsCsException:
        return least, least
    return max(least, across), max(least, along)  # in this order: what is not a number is the least
