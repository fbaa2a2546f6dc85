"""Exact zeros that fill much of an image: no data, most often, that its file does not declare."""

import numpy as np

from .raster_sample import RasterSample

_MANY = 0.05
"""Share of the pixels from which zeros are told of: 0 dB is rarer, and so is black, but for flood and sea in 8 bits."""


def share_of_zeros(sample: RasterSample) -> float:
    """Return the share of the valid pixels that are exactly 0, of all that a sample was drawn from; 0..1."""
    zeros = sample.valid_values() == 0
    return float((np.count_nonzero(zeros) + sample.black) / (len(zeros) + sample.black))


def doubt_of_zeros(name: str, share: float) -> str:
    """Return what is to be told of a layer with that share of zeros, which count as image; "" where they are few."""
    if share < _MANY:
        return ""
    return (
        f"{100 * share:.0f} % of the pixels of layer '{name}' are exactly 0 and count as image: if they are no data, "
        "say so in the layer's properties (Transparency > Additional no data value) or in the file (gdal_edit.py "
        "-a_nodata 0), and run again."
    )
