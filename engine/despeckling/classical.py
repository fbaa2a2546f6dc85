"""The table of classical filters, for images of which no network has learnt.

They are our own: of the libraries that have them, findpeaks brings pandas, xarray and OpenCV along, and polsartools
GDAL, PyTables and netCDF.
"""

from collections.abc import Callable

from .filters.boxcar import Boxcar
from .filters.lee_sigma import LeeSigma
from .filters.power_filter import PowerFilter
from .filters.refined_lee import RefinedLee

CLASSICAL: dict[str, Callable[[float, float], PowerFilter]] = {
    "boxcar": lambda looks, bright: Boxcar(),
    "refined_lee": lambda looks, bright: RefinedLee(looks),
    "lee_sigma": LeeSigma,
}
"""By the names of `DESPECKLERS`: (looks, bright) -> filter. looks: equivalent number; bright: linear power that
`lee_sigma.BRIGHT_SHARE` of the image's pixels stay below.
"""
