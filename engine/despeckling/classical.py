"""The table of classical filters, for images of which no network has learnt.

They are our own: of the libraries that have them, findpeaks brings pandas, xarray and OpenCV along, and polsartools
GDAL, PyTables and netCDF.
"""

from collections.abc import Callable
from dataclasses import dataclass

from .filters.boxcar import Boxcar
from .filters.lee_sigma import LeeSigma
from .filters.power_filter import PowerFilter
from .filters.refined_lee import RefinedLee


@dataclass(frozen=True)
class ClassicalFilter:
    """A filter: its `name` in sentences, and `make(looks, bright)`: equivalent looks, and the power that
    `lee_sigma.BRIGHT_SHARE` of the image's pixels stay below.
    """

    name: str
    make: Callable[[float, float], PowerFilter]


CLASSICAL = {
    "boxcar": ClassicalFilter("mean of 7 × 7 pixels", lambda looks, bright: Boxcar()),
    "refined_lee": ClassicalFilter("refined Lee filter", lambda looks, bright: RefinedLee(looks)),
    "lee_sigma": ClassicalFilter("improved Lee sigma filter", LeeSigma),
}
