"""Tie points of the image pair that are true to the millimetre, as a layer that `coregister` takes."""

from pathlib import Path

import numpy as np
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsPointXY,
)
from sarbridge.contract.tie_points import FIELDS
from sarbridge.processing_provider.outputs.tie_point_layers import POINT, points, tie_point_fields
from sarbridge.processing_provider.outputs.vector_output import write_vector
from sarbridge.tests.image_pair import DOWN, LEFT, PIXEL, RIGHT, TOP

UTM = QgsCoordinateReferenceSystem("EPSG:32633")
DEGREES = QgsCoordinateReferenceSystem("EPSG:4326")


def tie_point_rows(optical_crs=UTM, wrong=0):
    """Return exact rows on a lattice; of the last `wrong` the optical position is nonsense, and accepted is false."""
    to_optical = QgsCoordinateTransform(UTM, optical_crs, QgsCoordinateTransformContext())
    rows = []
    for number, (column, line) in enumerate(np.ndindex(4, 4), 1):
        x, y = LEFT + 400 + 900 * column, TOP - 400 - 900 * line
        accepted = number <= 16 - wrong
        astray = 0 if accepted else 500
        position = to_optical.transform(QgsPointXY(x - RIGHT * PIXEL + astray, y + DOWN * PIXEL - astray))
        row = dict.fromkeys(FIELDS, 0.0)
        row.update(id=number, sar_x=x, sar_y=y, opt_x=position.x(), opt_y=position.y(), length_m=80.6)
        rows.append({**row, "accepted": accepted, "reason": "" if accepted else "transform"})
    return rows


def remembering(rows, sar, optical):
    """Return rows that know their images, paths of rasters, as matching writes them: pixels, names, CRS."""
    return [{**row, **_places(row, "sar", sar), **_places(row, "opt", optical)} for row in rows]


def _places(row, prefix, path):
    dataset = gdal.Open(path)
    to_pixels = gdal.InvGeoTransform(dataset.GetGeoTransform())
    col, line = gdal.ApplyGeoTransform(to_pixels, row[f"{prefix}_x"], row[f"{prefix}_y"])
    crs = QgsCoordinateReferenceSystem.fromWkt(dataset.GetProjection()).authid()
    name = Path(path).stem
    return {f"{prefix}_col": col, f"{prefix}_row": line, f"{prefix}_image": name, f"{prefix}_crs": crs}


def write_points(path, rows):
    """Write rows as a layer of tie points; return its path as text."""
    context = QgsCoordinateTransformContext()
    write_vector(path, str(path), tie_point_fields(), POINT, UTM, points(rows), context)
    return str(path)
