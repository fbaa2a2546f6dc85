"""Layers to learn matching from, for tests: what the radar shows, and colours of the same field, perhaps elsewhere."""

import numpy as np
from sarbridge.contract.training_jobs import AlignedLayers
from sarbridge.tests.engine.translation.aligned import colours_of, write_colours
from sarbridge.tests.engine.translation.sar_images import LEFT, PIXEL, TOP, write_sar
from scipy.ndimage import gaussian_filter

HEIGHT, WIDTH = 384, 640
"""Pixels of a scene: patches of 256 lie at two rows and four columns."""


def ground(height, width, seed=0):
    """A rough field [height, width], mean 0 and deviation 1, that a matcher tells apart anywhere."""
    field = gaussian_filter(np.random.default_rng(seed).normal(size=(height, width)), 2.5)
    return (field - field.mean()) / field.std()


def write_pair(folder, off=(0, 0), called="", corner=(LEFT, TOP), seed=0, height=HEIGHT, width=WIDTH, **entries):
    """Write VV in dB and colours of one field; return them as `AlignedLayers`.

    off: pixels (right, down) by which the optical image is misplaced on the map.
    """
    field = ground(height, width, seed)
    backscatter = -10 + 3 * field + np.random.default_rng(1).normal(0, 1, field.shape)
    sar = write_sar(folder / f"s1{called}.tif", backscatter, corner=corner)
    misplaced = corner[0] + off[0] * PIXEL, corner[1] - off[1] * PIXEL
    optical = write_colours(folder / f"s2{called}.tif", colours_of(field), misplaced)
    return AlignedLayers(sar, optical, **{"polarisations": ("VV",), **entries})
