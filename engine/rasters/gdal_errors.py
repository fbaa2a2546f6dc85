"""GDAL's own errors: under a public name of rasterio, which lets them through here and there, and in GDAL's words."""

from collections.abc import Iterator
from contextlib import contextmanager

from rasterio.errors import RasterioError


@contextmanager
def gdal_errors_caught() -> Iterator[None]:
    """Raise what GDAL refuses in a single call of rasterio as `RasterioError`, with GDAL's words.

    For calls such as `rasterio.warp.transform` and `rasterio.shutil.copy`: their errors derive from `Exception`
    itself, and the classes between have no public name (rasterio 1.3 and 1.4). What is wrong with arguments (a
    `CRSError` is a ValueError) and what rasterio names passes as it is.
    """
    try:
        yield
    except (RasterioError, OSError, MemoryError, TypeError, ValueError):
        raise
    except Exception as error:
        raise RasterioError(str(error)) from error


def reason(error: Exception) -> str:
    """Return what GDAL said, without a full stop: rasterio keeps it in the error behind its own."""
    while "See previous exception" in str(error) and error.__cause__ is not None:
        error = error.__cause__
    words = str(error).partition("See previous exception")[0]
    return " ".join(words.split()).rstrip(". ") or "GDAL does not say why"
