"""Output paths: what the user asked for, checked before anything runs.

Asked for in `processAlgorithm`, not earlier: QGIS notes which layers to load in the context at hand, forgets what was
noted before an algorithm went to its thread, and names temporary files anew each time.
"""

import os
from pathlib import Path

from qgis.core import QgsProcessingParameterFileDestination

from ...contract.errors import UserError

GEOTIFF, HTML = (".tif", ".tiff"), (".html", ".htm")
"""Suffixes of rasters and of reports."""


def destination(algorithm, parameters, key, context, suffixes):
    """Return the path of output `key` just as QGIS spells it (it loads layers by that text), "" when not wanted.

    `suffixes` are the allowed ones (".gpkg"), the first is proposed. Raises `UserError` for another suffix and for a
    folder that is missing or cannot be written.
    """
    if isinstance(algorithm.parameterDefinition(key), QgsProcessingParameterFileDestination):
        text = algorithm.parameterAsFileOutput(parameters, key, context)
    else:
        text = algorithm.parameterAsOutputLayer(parameters, key, context)
    if not text:
        return ""
    path = Path(text).absolute()
    if path.suffix.lower() not in suffixes:
        raise UserError(
            f"{key}: '{text}' has a format that is not supported here: give a file name that ends in"
            f" {' or '.join(suffixes)}."
        )
    if not path.parent.is_dir():
        raise UserError(f"{key}: the folder {path.parent} does not exist: create it or choose another one.")
    if not os.access(path.parent, os.W_OK) or path.is_dir():
        raise UserError(f"{key}: {path} cannot be written there: choose a folder in which you may create files.")
    return text
