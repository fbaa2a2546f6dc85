"""Two coordinate reference systems laid over each other by QGIS and by the engine, which may do it differently."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsCsException,
    QgsPointXY,
    QgsProcessingFeedback,
)

from .ground_size import GLOBE, ruler

_LOOKED_AT = 50
"""Points."""


def warn_of_other_operation(
    rows: Sequence[dict[str, Any]],
    pixel_size: float,
    optical_crs: QgsCoordinateReferenceSystem,
    sar_crs: QgsCoordinateReferenceSystem,
    transforms: QgsCoordinateTransformContext,
    feedback: QgsProcessingFeedback,
) -> None:
    """Warn where shifts of accepted rows are others in QGIS than the engine measured, by half a working pixel or more.

    Between two datums there are several operations, of which QGIS takes that of the project or one with a grid that it
    has. pixel_size: metres of a working pixel.
    """
    accepted = [row for row in rows if row["accepted"]]
    if not accepted or optical_crs == sar_crs:
        return
    to_globe = QgsCoordinateTransform(sar_crs, QgsCoordinateReferenceSystem(GLOBE), transforms)
    optical_to_sar = QgsCoordinateTransform(optical_crs, sar_crs, transforms)
    measure = ruler()

    def difference(row):
        there = to_globe.transform(QgsPointXY(row["sar_x"], row["sar_y"]))
        here = to_globe.transform(optical_to_sar.transform(QgsPointXY(row["opt_x"], row["opt_y"])))
        length, azimuth = measure.measureLine(here, there), measure.bearing(here, there)
        return math.hypot(length * math.sin(azimuth) - row["dx_m"], length * math.cos(azimuth) - row["dy_m"])

    try:
        off = median(map(difference, accepted[:: max(1, len(accepted) // _LOOKED_AT)]))
    except QgsCsException:
        return  # what cannot be transformed at all has been told
    if off > pixel_size / 2:
        feedback.pushWarning(
            f"QGIS lays {sar_crs.authid() or 'the CRS of the SAR layer'} and"
            f" {optical_crs.authid() or 'that of the optical layer'} over each other in another way than the engine, so"
            f" that shifts differ by {off:.1f} m: reproject one of the layers to the other's coordinate reference"
            " system first."
        )
