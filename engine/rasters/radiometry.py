"""Radiometry: SAR values in any unit become decibels, optical values become 0..1.

SAR is averaged as power (the physical quantity that adds up) and handed out in decibels, in which speckle is additive.
8-bit renderings stay as they are: they were compressed for the eye already, by a rule that the file does not tell, and
the models take gain and offset out of their input anyway.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Optional, TypeVar

import numpy as np
import torch
from numpy.typing import ArrayLike
from rasterio.enums import Resampling

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ...models.card import ImageEntry
from .raster_sample import RasterSample
from .speckle import BlockStatistics

FLOOR_POWER = 1e-10
"""Power at and below which decibels stop (-100 dB): noise subtraction leaves negative powers in calibrated products."""

FAINTEST_POWER = 1e-37
"""Power below which float32 knows none: the floor for images of any calibration."""

Values = TypeVar("Values", np.ndarray, torch.Tensor)

_DECIBEL_LIMIT = 380.0  # 10 ** 38, the largest power that float32 holds
_LARGEST_DECIBEL = 100.0
_MANY = 0.01  # share of pixels with one impossible value from which it is no accident
_BRIGHTEST_GREY = 255
UNIT_NAMES = {
    "complex": "complex",
    "power": "linear power",
    "amplitude": "amplitude",
    "db": "decibels",
    "display": "an 8-bit rendering",
}
"""What people read for the units that SAR values may have."""


@dataclass(frozen=True)
class SarRadiometry:
    """What `GridReader` does to SAR values of a `unit` (of `SAR_UNITS`, not 'auto'): dB out, grey values for 'display'.

    Exact zeros of complex, power and amplitude are no data: no receiver measures them, products are filled with them.
    """

    unit: str
    resampling: ClassVar = Resampling.bilinear  # never negative, as cubic is around bright points

    @property
    def unit_out(self) -> str:
        """The unit of what `finish` returns, in the words of model cards."""
        return "8-bit rendering" if self.unit == "display" else "dB"

    def linearise(self, values: np.ndarray) -> np.ndarray:
        """Return what may be averaged: power, NaN for no data ('display': the values)."""
        if self.unit == "display":
            return values
        power = to_power(values, self.unit)
        return np.where(power == 0, np.nan, power)

    def finish(self, values: np.ndarray) -> np.ndarray:
        """Return decibels of a power ('display': the values)."""
        return values if self.unit == "display" else to_db(values)


@dataclass(frozen=True)
class OpticalRadiometry:
    """What `GridReader` does to optical values: `low`..`high` (see `robust_range`) become 0..1, the rest is clipped."""

    low: float
    high: float
    resampling: ClassVar = Resampling.cubic  # keeps edges

    def linearise(self, values: np.ndarray) -> np.ndarray:
        """Return the values: digital numbers of optical sensors are proportional to radiance, which averages."""
        return values

    def finish(self, values: np.ndarray) -> np.ndarray:
        """Return the values scaled to 0..1."""
        return np.clip((values - self.low) / (self.high - self.low), 0, 1)


def to_power(values: ArrayLike, unit: str) -> np.ndarray:
    """Return real values of a SAR unit as linear power, float32 ('complex' values come as power from `GridReader`)."""
    values = np.asarray(values, np.float32)
    if unit == "db":
        return np.float32(10) ** (np.minimum(values, _DECIBEL_LIMIT) / np.float32(10))
    if unit == "amplitude":
        return values * np.abs(values)  # a negative amplitude is an artefact: it must not turn bright
    return values


def to_db(power: Values, floor: float = FLOOR_POWER) -> Values:
    """Return linear power, float32 of any shape, in decibels; what is smaller than `floor` counts as that."""
    library = torch if isinstance(power, torch.Tensor) else np
    return 10 * library.log10(library.clip(power, floor, None))


def robust_range(values: np.ndarray, sigma: float = 3.0) -> tuple[float, float]:
    """Return (low, high), `sigma` standard deviations either side of the median of finite values, within their range.

    The standard deviations below and above come from the 16 and 84 % quantiles, so that a few bright targets, clouds or
    a skewed histogram do not stretch the range. Always low < high.
    """
    lower, middle, upper = np.quantile(values, [0.1587, 0.5, 0.8413])
    low = max(float(values.min()), middle - sigma * (middle - lower))
    high = min(float(values.max()), middle + sigma * (upper - middle))
    if not low < high:
        low, high = float(values.min()), float(values.max())
    return (float(low), float(high)) if low < high else (float(low), float(low) + 1.0)


def detect_sar_unit(sample: RasterSample) -> tuple[str, str]:
    """Return (unit, reason) of a raw `RasterSample`: the unit is of `SAR_UNITS`, not 'auto', the reason a clause.

    Power and amplitude are told apart by rules of thumb; taking one for the other halves or doubles all decibels, which
    robust normalisation takes out again.
    """
    values = sample.valid_values()
    if sample.dtype.startswith("complex"):
        return "complex", "its samples are complex"
    if sample.dtype == "uint8" or (sample.dtype == "int8" and values.min() >= 0):
        return "display", "its samples have 8 bits"
    if np.quantile(values, 0.05) < -1:
        return "db", "many of its values are negative"
    positive = values[values > 0]
    if not len(positive):
        return "power", "none of its values is positive"
    blocks = BlockStatistics(sample)
    if np.quantile(positive, 0.99) < _LARGEST_DECIBEL and blocks.enough and not _is_linear(blocks, positive):
        return "db", "its speckle is equally strong in bright and dark places"
    if not sample.dtype.startswith("float"):
        return "amplitude", "its samples are integers and its speckle grows with brightness"
    return _power_or_amplitude(blocks, positive)


def _is_linear(blocks, positive):
    """Tell linear units from decibels: does the deviation follow the mean, and is the histogram's tail bright?

    Measured on Sentinel-1, UAVSAR, Envisat and Capella: the logarithms of deviation and mean correlate by -0.2 to 0.57
    in decibels, 0.58 to 1 in linear units; with the skewness added it is -0.7 to 0.85 and mostly above 1.2.
    """
    follows = np.corrcoef(np.log(blocks.mean), np.log(blocks.deviation))[0, 1]
    centred = positive.astype(np.float64) - positive.mean(dtype=np.float64)
    skewness = (centred**3).mean() / max((centred**2).mean(), 1e-300) ** 1.5
    return follows > 0.7 or follows + skewness > 1


def _power_or_amplitude(blocks, positive):
    """Tell by the speckle of the calmest 10 % of blocks, deviation over mean, and by the median.

    One look gives 1 in power and 0.52 in amplitude, L looks 1/sqrt(L) and about 0.52/sqrt(L). Between single-look
    amplitude and power of 2 to 5 looks the median decides: calibrated backscatter of land is -20 to -5 dB, as amplitude
    0.1 and more.
    """
    median = np.median(positive)
    if not blocks.enough:
        return ("power" if median < 1 else "amplitude"), f"the median of its values is {median:.2g}"
    speckle = np.quantile(blocks.deviation / blocks.mean, 0.1)
    is_power = speckle > 0.75 or (speckle > 0.42 and median < 0.1) or (0.25 < speckle <= 0.42 and median < 1)
    reason = f"its speckle is {speckle:.2f} of the mean and the median of its values is {median:.2g}"
    return ("power" if is_power else "amplitude"), reason


def optical_radiometry(sample: RasterSample) -> OpticalRadiometry:
    """Return the `OpticalRadiometry` of a raw `RasterSample`."""
    return OpticalRadiometry(*robust_range(sample.valid_values()))


def sar_radiometry(sample: RasterSample, unit: str = "auto") -> tuple[SarRadiometry, str]:
    """Return (`SarRadiometry`, sentence for the log) of a raw `RasterSample`; `unit` is the user's choice.

    Raises `UserError` when complex values are declared real, or real values complex, and as `check_unit`.
    """
    is_complex, why = sample.dtype.startswith("complex"), ", as chosen"
    if unit == "auto":
        unit, reason = detect_sar_unit(sample)
        why = f": {reason}"
    elif unit == "complex" and not is_complex:
        raise UserError(
            f"Layer '{sample.name}' holds real values ({sample.dtype}), not complex ones: choose another SAR unit."
        )
    elif is_complex and unit != "complex":
        raise UserError(f"Layer '{sample.name}' holds complex values ({sample.dtype}): choose the SAR unit complex.")
    check_unit(sample, unit)
    return SarRadiometry(unit), f"SAR layer '{sample.name}' is read as {UNIT_NAMES[unit]}{why}."


def check_unit(sample: RasterSample, unit: str) -> None:
    """Raise `UserError` where a raw `RasterSample` cannot be in a real SAR unit, whoever said that it is."""
    # Not the extremes: resampling exceeds the range of a rendering a little, and single pixels may hold anything.
    values = sample.valid_values()
    lowest, middle, highest = np.quantile(values, [0.05, 0.5, 0.99])
    reason, remedy = f"its values run from {lowest:.4g} to {highest:.4g}", "choose another SAR unit"
    if unit in ("power", "amplitude") and middle < 0:
        reason = "most of its values are negative"
    elif unit == "db" and (filler := _filler(values)) is not None:
        reason = f"{filler:.6g} is the value of many of its pixels"
        remedy = "declare it as no data (Layer Properties > Transparency, or gdal_edit.py -a_nodata), if it is that"
    elif unit == "db" and (highest > _LARGEST_DECIBEL or lowest < -_LARGEST_DECIBEL):
        if middle < 0:  # as in no other unit
            remedy = "divide tenths or hundredths of decibels by 10 or 100 first (Raster > Raster Calculator)"
    elif not (unit == "display" and (lowest < 0 or highest > _BRIGHTEST_GREY)):
        return
    raise UserError(f"Layer '{sample.name}' cannot hold {UNIT_NAMES[unit]}, as {reason}: {remedy}.")


def check_one_unit(source: RasterSource, samples: Sequence[RasterSample]) -> None:
    """Raise `UserError` where one band is in decibels, by its negative values, and another one has none of these."""
    values = {band: sample.valid_values() for band, sample in zip(source.bands, samples)}
    in_decibels = [band for band, each in values.items() if np.median(each) < 0]
    others = [band for band, each in values.items() if each.min() >= 0]
    if in_decibels and others:
        raise UserError(
            f"The bands of layer '{source.name}' differ in unit: band {in_decibels[0]} holds {UNIT_NAMES['db']}, and "
            f"band {others[0]} no negative value: bring both to one unit, or choose the SAR unit that both have."
        )


def _filler(decibels: np.ndarray) -> Optional[float]:
    """Return the lowest value where no echo is so weak and many pixels hold it, as they do where there is no data."""
    lowest = float(decibels.min())
    is_filler = lowest < -_LARGEST_DECIBEL and np.mean(decibels == lowest) > _MANY
    return lowest if is_filler else None


def clipping_range(
    sample: RasterSample, radiometry: SarRadiometry, expected: ImageEntry
) -> tuple[tuple[float, float], str]:
    """Return ((low, high), sentence for the log): what SAR values are clipped to for a network that scales by a range.

    `sample` is raw, `expected` the card's SAR input. Published is SAR in dB, clipped to the 3-sigma range of the
    training set (L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation,
    Technische Universität München, 2020, §4.6, section 3.1 of the paper there): the card's `range`. It says nothing
    about values of another unit than the card's, or of another calibration, which lie outside for the most part; these
    are clipped to the layer's own 3-sigma range.
    """
    values = radiometry.finish(radiometry.linearise(sample.valid_values()))
    values = values[np.isfinite(values)]
    if expected["unit"] != radiometry.unit_out:
        reason = f"its unit is {radiometry.unit_out}, that of the model's training set was {expected['unit']}"
    elif not expected["range"]:
        reason = "the model's card names none"
    else:
        low, high = expected["range"]
        told = f"{low:.4g} to {high:.4g}, the range of the model's training set"
        middle = float(np.median(values))
        if low <= middle <= high:  # also where there is much water, darker than all that was learnt from
            return (low, high), f"SAR values are clipped to {told}."
        reason = f"most of its values, around {middle:.4g}, lie outside {told}"
    low, high = robust_range(values)
    return (low, high), (
        f"SAR layer '{sample.name}' is clipped to its own 3-sigma range, {low:.4g} to {high:.4g}: {reason}."
    )
