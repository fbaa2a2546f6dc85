"""A table as the engine writes it, a CSV file → the file that the user asked for."""

import shutil
from pathlib import Path

from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingFeedback

from ...contract.errors import UserError
from ...contract.full_disk import raise_if_full
from ..gdal_results import or_none
from .geopackage import file_of, is_complete, layer_of

TABLE_FORMATS = (".gpkg", ".csv")


def write_table(
    csv: str, new: str, path: str, crs: QgsCoordinateReferenceSystem, feedback: QgsProcessingFeedback
) -> None:
    """Write the table `csv`: as it is, or as a layer of a GeoPackage, of points in `crs` where it has columns x and y.

    It is written to the file `new`, which becomes that of `path`, an output of `destinations` with a suffix of
    `TABLE_FORMATS`. Raises `UserError` when not all could be written.
    """
    new, file, layer = Path(new), file_of(path), layer_of(path)
    if file.suffix.lower() == ".csv":
        shutil.copyfile(csv, new)
        return
    feedback.pushInfo("The table becomes a GeoPackage.")
    # Of all rows: a column that begins with whole numbers may go on with others.
    types = ["AUTODETECT_TYPE=YES", "AUTODETECT_SIZE_LIMIT=0"]
    options = ["X_POSSIBLE_NAMES=x", "Y_POSSIBLE_NAMES=y", *types]
    table = gdal.OpenEx(csv, gdal.OF_VECTOR, open_options=options)
    form = {"format": "GPKG", "dstSRS": crs.toWkt(), "reproject": False, "layerName": layer}
    points = or_none(gdal.VectorTranslate, str(new), table, **form)
    del points  # closes the file
    if not is_complete(new, layer, table.GetLayer(0).GetFeatureCount()):
        raise_if_full(new.parent)
        raise UserError(
            f"The table could not be written completely into the folder '{new.parent}': free space on that"
            " disk or choose another output folder."
        )
