"""How near a translated image comes to the true one: error, structural similarity and PSNR, by distortion zone.

What counts is kept as sums, window by window, so that memory does not depend on the images' sizes.
"""

import math
from typing import NamedTuple, Optional

import numpy as np
import torch

from ...models.translation.ssim import RADIUS, ssim_map
from ..geometry import range_lines

ZONES = {
    "all": None,
    "foreshortening": range_lines.FORESHORTENING,
    "shadow": range_lines.SHADOW,
    "layover": range_lines.LAYOVER,
    "undistorted": 0,
}
"""Zone -> bits of a mask of distortion zones of which it has at least one; 0: it has none, None: whatever it has."""


class Quality(NamedTuple):
    """Scores of some pixels: mean squared error (colours 0..1), structural similarity, PSNR in dB; None: of none.

    PSNR is 10 log10(1 / mse); it has no value where nothing differs.
    """

    pixels: int
    mse: Optional[float]
    ssim: Optional[float]

    @property
    def psnr(self) -> Optional[float]:
        """The peak signal-to-noise ratio in dB."""
        return 10 * math.log10(1 / self.mse) if self.mse else None


def doubt(quality: Quality, even: Quality) -> str:
    """Return a sentence on an image that is no nearer to the truth than one even colour is; "" of another."""
    if quality.mse is None or not quality.mse >= even.mse > 0:
        return ""
    return (
        "The translated image is no nearer to the reference than one even colour is: check that both show the same "
        "place and season, and that the values of both are stretched alike."
    )


class QualitySums:
    """Sums from which the `Quality` of each zone follows, for an image that is scored window by window."""

    def __init__(self) -> None:
        self._sums = np.zeros((len(ZONES), 4))
        self.unzoned = 0
        """Pixels of which no zone is known, where there is a mask."""

    def add(self, image: np.ndarray, truth: np.ndarray, valid: np.ndarray, zones: Optional[np.ndarray] = None) -> None:
        """Score a window: image and truth [C, h, w] in 0..1, valid [h, w], mask of zones uint8 [h, w].

        All reach `RADIUS` pixels further than what is scored, on each side; what does not exist there is not valid.
        Similarity is that of pixels whose whole neighbourhood is valid.
        """
        inner = np.s_[RADIUS:-RADIUS, RADIUS:-RADIUS]
        errors = np.square(image - truth, dtype=np.float64).mean(0)[inner]
        similarity = ssim_map(*(torch.from_numpy(np.where(valid, each, 0))[None] for each in (image, truth)))
        known, surrounded = valid[inner], _all_around(valid)
        similarity = similarity[0].mean(0, dtype=torch.float64).numpy()[inner]
        if zones is not None:
            self.unzoned += int((known & (zones[inner] == range_lines.NO_DATA)).sum())
        for sums, bits in zip(self._sums, ZONES.values()):
            counted, compared = (each & _in_zone(bits, zones, inner) for each in (known, surrounded))
            sums += counted.sum(), errors[counted].sum(), compared.sum(), similarity[compared].sum()

    def add_whole(self, image: np.ndarray, truth: np.ndarray, zones: Optional[np.ndarray] = None) -> None:
        """Score an image [C, h, w] in memory, all of whose pixels are valid."""
        margin = [(RADIUS, RADIUS)] * 2
        valid = np.pad(np.ones(image.shape[1:], bool), margin)
        around = None if zones is None else np.pad(zones, margin, constant_values=range_lines.NO_DATA)
        self.add(*(np.pad(each, [(0, 0), *margin]) for each in (image, truth)), valid, around)

    def qualities(self) -> dict[str, Quality]:
        """Return the `Quality` of each zone."""
        return {
            zone: Quality(int(pixels), _ratio(errors, pixels), _ratio(similarity, compared))
            for zone, (pixels, errors, compared, similarity) in zip(ZONES, self._sums)
        }


def whole_quality(image: np.ndarray, truth: np.ndarray, zones: Optional[np.ndarray] = None) -> dict[str, Quality]:
    """Return the `Quality` by zone of an image [C, h, w] in memory, all of whose pixels are valid."""
    sums = QualitySums()
    sums.add_whole(image, truth, zones)
    return sums.qualities()


def _in_zone(bits, zones, inner):
    """Mask of pixels of a zone; without a mask of zones only "all" has some."""
    if bits is None:
        return np.True_
    if zones is None:
        return np.False_
    mask = zones[inner]
    return (mask & bits > 0) & (mask != range_lines.NO_DATA) if bits else mask == 0


def _all_around(valid):
    """Whether all that similarity looks at is valid: [h, w] without the margin of `valid`."""
    side = 2 * RADIUS + 1
    windows = np.lib.stride_tricks.sliding_window_view(valid, side, axis=0).all(-1)
    return np.lib.stride_tricks.sliding_window_view(windows, side, axis=1).all(-1)


def _ratio(total: float, count: float) -> Optional[float]:
    return float(total / count) if count else None
