"""Images that cannot be laid over each other, and ways to ask for it that make no sense; either step may refuse."""

import numpy as np
from osgeo import gdal
from sarbridge.tests.corpus.case import Case, align
from sarbridge.tests.image_pair import DOWN, RIGHT, texture


def refused(name, sentence, **hostile):
    return Case(name, lambda at: align(at, **hostile), refused=sentence)


def optical(name, change, sentence):
    """Return the case of an optical image whose values [3, rows, columns] are changed before the run."""

    def make(at):
        run = align(at)
        dataset = gdal.Open(run.parameters["OPTICAL"], gdal.GA_Update)
        dataset.WriteArray(np.ascontiguousarray(change(dataset.ReadAsArray())))
        del dataset
        return run

    return Case(name, make, refused=sentence)


def _of_another_place(values):
    other = 128 + 40 * texture(*values.shape[:0:-1], seed=5)
    return np.stack([other.clip(0, 255).astype("uint8")] * 3)


def _noise(values):
    return np.random.default_rng(0).integers(0, 255, values.shape).astype("uint8")


def _moved(way):
    def right(results):
        moved = results["SHIFT_X_PX"], results["SHIFT_Y_PX"]
        return np.allclose(moved, (way * RIGHT, way * DOWN), atol=0.1) and results["ERROR_BOUND_PX"] < 0.5

    return right


TOO_LITTLE = "^Layers 'sar' and 'optical' cannot be aligned: .* the images show too little in common"

CASES = [
    optical("another place", _of_another_place, TOO_LITTLE),
    optical("noise", _noise, TOO_LITTLE),
    optical("one colour", lambda values: np.full_like(values, 90), "Layer 'optical' holds only the one value 90"),
    refused("no optical image", r"\(OPTICAL\) is needed", OPTICAL=None),
    refused("a polynomial of four points", "needs at least 6 tie points", TRANSFORM="polynomial2", SPACING=128),
    refused("both move", r"\(MOVES\) must be one of these", MOVES="optical,sar"),
    refused("a link as image", r"\(OUTPUT\)", OUTPUT="out.vrt"),
    refused("the transform of matching", r"\(TRANSFORM\) must be one of these", TRANSFORM="none"),
    refused("beyond the largest shift", r"\(MAX_SHIFT\) must be", MAX_SHIFT=10_000),
    Case("the SAR image, in words", lambda at: align(at, MOVES="The SAR image"), right=_moved(-1)),
    Case("without an outlier test", lambda at: align(at, OUTLIER_TEST="none"), right=_moved(1)),
]
