"""Metres on the ground of what is measured in units of a map, on QGIS's side: how far around an area pixels count."""

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsDistanceArea,
    QgsPointXY,
)


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
    measure = QgsDistanceArea()
    measure.setSourceCrs(crs, transform_context)
    measure.setEllipsoid("EPSG:7030")
    x, y = place.x(), place.y()
    ends = (
        (QgsPointXY(x - width / 2, y), QgsPointXY(x + width / 2, y)),
        (QgsPointXY(x, y - height / 2), QgsPointXY(x, y + height / 2)),
    )
    across, along = (max(measure.measureLine(*each), 1e-9) for each in ends)
    return across, along
