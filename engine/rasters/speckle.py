"""Speckle tells SAR from optical, and linear SAR from decibels: statistics of 8 × 8 blocks of a raster sample.

Speckle roughens every place alike: its standard deviation is a fixed share of the local mean in linear units and the
same everywhere in decibels. The roughness of an optical image changes from place to place: calm water, textured town.
The thresholds are ours, set on the image pairs named in the tests.
"""

import numpy as np

from .raster_sample import RasterSample

_BLOCK = 8
_FEWEST_BLOCKS = 30
_SPECKLED = 0.5  # spread of roughness below which an image looks like SAR
_SWAP_MARGIN = 0.15
_OPTICAL = 0.65
"""Spread of roughness that no radar image reached of Sentinel-1 (28 crops, up to 0.45), SpaceNet 6 in 8 bits (18, up to
0.50) and Umbra (5, up to 0.32), and most optical crops exceed."""


class BlockStatistics:
    """Per block of a `RasterSample`, valid throughout and not constant: `mean`, `deviation`, `roughness`, [k] each.

    `roughness` is the root mean square of the steps between neighbours over √2: the deviation without slow changes.
    """

    def __init__(self, sample: RasterSample):
        blocks, valid = _blocks(sample.values), _blocks(sample.valid)
        blocks = blocks[valid.all(axis=(1, 2))].astype(np.float64)
        right, down = np.diff(blocks, axis=2), np.diff(blocks, axis=1)
        mean, deviation = np.abs(blocks.mean(axis=(1, 2))), blocks.std(axis=(1, 2))
        roughness = np.sqrt(((right**2).mean(axis=(1, 2)) + (down**2).mean(axis=(1, 2))) / 4)
        lively = (roughness > 0) & (mean > 0)
        self.mean, self.deviation, self.roughness = mean[lively], deviation[lively], roughness[lively]

    @property
    def enough(self) -> bool:
        """Whether there are blocks enough to judge by."""
        return len(self.mean) >= _FEWEST_BLOCKS

    def spread(self) -> float:
        """Return how much rougher the median block is than the calmest 5 %: the natural logarithm of the ratio.

        The smaller of the spread of the roughness and of its share of the mean. Measured: Sentinel-1 0.2 to 0.5,
        single-look complex 0.2 to 0.6, Sentinel-2 0.4 to 3.4.
        """
        return min(_log_spread(self.roughness), _log_spread(self.roughness / self.mean))


def looks_optical(sar: RasterSample) -> bool:
    """Return whether a raw `RasterSample` is rough in some places and calm in others, as no radar image is.

    Conservative: for a warning only.
    """
    blocks = BlockStatistics(sar)
    return blocks.enough and not sar.dtype.startswith("complex") and blocks.spread() > _OPTICAL


def looks_swapped(sar: RasterSample, optical: RasterSample) -> bool:
    """Return whether two raw `RasterSample`s look as if SAR and optical were swapped. Conservative: for a warning only.

    True when the 'SAR' layer is a colour picture and the 'optical' one is not, or when the 'optical' layer is speckled
    everywhere alike and the 'SAR' layer is clearly not.
    """
    if optical.dtype.startswith("complex"):
        return True
    if sar.is_colour != optical.is_colour:
        return sar.is_colour
    sar_blocks, optical_blocks = BlockStatistics(sar), BlockStatistics(optical)
    if not (sar_blocks.enough and optical_blocks.enough) or sar.dtype.startswith("complex"):
        return False
    sar_spread, optical_spread = sar_blocks.spread(), optical_blocks.spread()
    return optical_spread < _SPECKLED < sar_spread and sar_spread - optical_spread > _SWAP_MARGIN


def _blocks(images):
    """[n, h, w] -> [k, 8, 8], what is left over at the right and bottom dropped."""
    n, height, width = images.shape
    rows, cols = height // _BLOCK, width // _BLOCK
    cut = images[:, : rows * _BLOCK, : cols * _BLOCK].reshape(n, rows, _BLOCK, cols, _BLOCK)
    return cut.swapaxes(2, 3).reshape(-1, _BLOCK, _BLOCK)


def _log_spread(values):
    calm, median = np.quantile(values, [0.05, 0.5])
    return float(np.log(median / calm))
