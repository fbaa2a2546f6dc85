"""What GDAL gives, whether or not it raises.

Calls that fail return None, unless somebody in the process of QGIS had GDAL raise RuntimeError: Processing does in QGIS
3.40, other plugins may, and GDAL itself will from version 4 on.
"""

import re
from collections.abc import Sequence
from typing import Any, Callable, Optional

from osgeo import gdal

from ..contract.errors import UserError

_OPEN_OPTION = re.compile(r"\|option:[^|]*")


def without_open_options(uri: str) -> str:
    """Return what GDAL opens of the URI of a layer, to which QGIS adds options; any other | belongs to the name."""
    return _OPEN_OPTION.sub("", uri)


def or_none(call: Callable, *arguments: Any, **options: Any) -> Any:
    """Return what a call of GDAL returns, None when it fails."""
    try:
        return call(*arguments, **options)
    except RuntimeError:
        return None


def open_raster(path: str, name: str, open_options: Sequence[str] = ()) -> gdal.Dataset:
    """Open the raster of the layer called `name`; raises `UserError` when GDAL cannot."""
    dataset = or_none(gdal.OpenEx, path, gdal.OF_RASTER, open_options=list(open_options))
    if dataset is None:
        raise UserError(f"Layer '{name}' cannot be opened ({path}): check the file and run again.")
    return dataset


def raster_or_none(text: str) -> Optional[gdal.Dataset]:
    """Open what may be a raster; None, and not a word on stderr, where it is none."""
    gdal.PushErrorHandler("CPLQuietErrorHandler")
    try:
        return or_none(gdal.OpenEx, text, gdal.OF_RASTER)
    finally:
        gdal.PopErrorHandler()


def memory_dataset() -> gdal.Dataset:
    """Return a new dataset for vectors in memory."""
    driver = gdal.GetDriverByName("MEM")
    if not driver.GetMetadataItem(gdal.DCAP_VECTOR):  # it holds vectors from GDAL 3.11 on, which deprecates the other
        driver = gdal.GetDriverByName("Memory")
    return driver.Create("", 0, 0, 0, gdal.GDT_Unknown)
