"""A SAR layer and an optical layer that look as if one were given for the other: a warning, and the run goes on."""

from ...contract.sources import RasterSource
from ..rasters.raster_sample import RasterSample
from ..rasters.speckle import looks_swapped
from ..reporting import Reporter


def warn_of_swapped(
    sar: RasterSource, optical: RasterSource, samples: tuple[RasterSample, RasterSample], reporter: Reporter
) -> None:
    """Warn when layers look swapped; samples: raw ones, of the SAR and of the optical layer."""
    if looks_swapped(*samples):
        reporter.warning(
            f"Layer '{sar.name}' looks like an optical image and '{optical.name}' like a SAR image: check that they "
            "are not swapped."
        )
