"""What is given to a training of a despeckler: images without phase, without patches, or that teach nothing."""

import numpy as np
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.tests.corpus.case import Case, despeckler_training
from sarbridge.tests.rasters import write_raster
from sarbridge.tests.slc import speckled, write_slc

SPECKLE = speckled(128, 192)
HOLED = SPECKLE.copy()
HOLED[::40] = np.nan


def refused(name, sentence, **value):
    """Return the case of a training that one value spoils."""
    return Case(name, lambda at: despeckler_training(at, **value), refused=sentence)


def of(name, values, **expected):
    """Return the case of a training on one complex layer."""
    return Case(name, lambda at: despeckler_training(at, LAYERS=[write_slc(at / "x.tif", values)]), **expected)


def _detected(at):
    return despeckler_training(at, LAYERS=[write_raster(at / "grd.tif", 10 * np.log10(np.abs(SPECKLE) ** 2))])


def _beside_no_checkpoint(at):
    (at / "mine.checkpoint").write_text("notes of somebody")
    return despeckler_training(at, OUTPUT=str(at / "mine.safetensors"))


CASES = [
    Case("decibels", _detected, refused="Layer 'grd' holds no phase, and MERLIN learns from real and imaginary parts"),
    Case("a checkpoint that is none", _beside_no_checkpoint, refused="mine.checkpoint"),
    refused("a patch larger than the image", "too few for two parts that share no pixel", PATCH_SIZE=192),
    refused("half an epoch", r"Epochs \(EPOCHS\) must be a whole number of at least 1", EPOCHS=0.5),
    refused(
        "a model to begin with by its file", r"\(START\) must be one of", START=str(SHIPPED_MODELS / "x.safetensors")
    ),
    of("no imaginary part", SPECKLE.real + 0j, refused="The imaginary part of layer 'x' is 0, or follows the real one"),
    of("all zeros", SPECKLE * 0, refused="holds only the one value 0"),
    of("holes in every patch", HOLED, refused="0 patches of 64 pixels"),
]
