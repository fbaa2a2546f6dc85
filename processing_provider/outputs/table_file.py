"""The table of cells as the engine writes it, a CSV file → the file that the user asked for."""

import shutil
from pathlib import Path

from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingFeedback

from ...contract.errors import UserError
from ...contract.full_disk import raise_if_full
from ..gdal_results import or_none

TABLE_FORMATS = (".gpkg", ".csv")


def write_table(csv: str, path: str, crs: QgsCoordinateReferenceSystem, feedback: QgsProcessingFeedback) -> None:
    """Write the table `csv` with its positions `x`, `y` in `crs` to `path`: as it is, or as points of a GeoPackage.

    `path` has a suffix of `TABLE_FORMATS` and comes from `finished_file`. Raises `UserError` when not all could be
    written.
    """
    path = Path(path)
    if path.suffix.lower() == ".csv":
        shutil.copyfile(csv, path)
        return
    feedback.pushInfo("The table of cells becomes a GeoPackage.")
    options = ["X_POSSIBLE_NAMES=x", "Y_POSSIBLE_NAMES=y", "AUTODETECT_TYPE=YES"]
    table = gdal.OpenEx(csv, gdal.OF_VECTOR, open_options=options)
    form = {"format": "GPKG", "dstSRS": crs.toWkt(), "reproject": False, "layerName": "cells"}
    points = or_none(gdal.VectorTranslate, str(path), table, **form)
    written = points.GetLayer(0).GetFeatureCount() if points else 0
    del points  # closes the file
    if written != table.GetLayer(0).GetFeatureCount():
        raise_if_full(path.parent)
        raise UserError(
            f"The table of cells could not be written completely into the folder '{path.parent}': free space on that"
            " disk or choose another output folder."
        )
