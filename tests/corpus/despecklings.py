"""What is given to despeckling: images without phase or speckle, with holes, and of other products than they seem."""

import numpy as np
from osgeo import gdal
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.tests.corpus.case import Case, despeckling
from sarbridge.tests.rasters import write_raster
from sarbridge.tests.slc import ON_MAP, speckled, write_slc

SPECKLE = speckled(128, 192)
TRANSLATOR = SHIPPED_MODELS / "bridgeview_s1s2.safetensors"
MERLIN = SHIPPED_MODELS / "merlin_spotlight.safetensors"
BY_FILTER = {"METHOD": "refined_lee", "MODEL_FILE": None}


def of(name, values, others=None, transform=None, **expected):
    """Return the case of a complex layer that holds other values."""

    def make(at):
        return despeckling(at, INPUT=write_slc(at / "x.tif", values, transform), **(others or {}))

    return Case(name, make, **expected)


def detected(name, values, others=None, file="x.tif", nodata=None, **expected):
    """Return the case of a layer on a map without phase, which a filter despeckles."""

    def make(at):
        path = write_raster(at / file, values, nodata=nodata)
        return despeckling(at, INPUT=path, **{**BY_FILTER, **(others or {})})

    return Case(name, make, **expected)


def refused(name, sentence, **value):
    """Return the case of a run that one value spoils."""
    return Case(name, lambda at: despeckling(at, **value), refused=sentence)


def clean(results):
    return gdal.Open(results["OUTPUT"]).ReadAsArray()


def known(share):
    return lambda results: abs(np.isfinite(clean(results)).mean() - share) < 1e-6


def _with(values, part, what):
    changed = values.copy()
    changed[part] = what
    return changed


def _shaped(weights, shift=0.0):
    """A spectrum of other weights along the rows, moved by a share of the sampling frequency."""
    columns = SPECKLE.shape[1]
    shaped = np.fft.ifft2(np.fft.fft2(SPECKLE) * weights(np.fft.fftfreq(columns)))
    return (shaped * np.exp(2j * np.pi * shift * np.arange(columns))).astype(np.complex64)


def _smoothed():
    """The mean of nine looks that one phase is left of, as some programs write multilooked images."""
    power = sum(np.abs(speckled(128, 192, seed)) ** 2 for seed in range(9)) / 9
    return (np.sqrt(power) * np.exp(1j * np.angle(SPECKLE))).astype(np.complex64)


def _whole_numbers(at):
    path = at / "x.tif"
    source = write_slc(at / "float.tif", (100 * SPECKLE).round().astype(np.complex64))
    gdal.Translate(str(path), source, outputType=gdal.GDT_CInt16)
    return despeckling(at, INPUT=str(path))


POWER, DECIBELS = np.abs(SPECKLE) ** 2, 10 * np.log10(np.abs(SPECKLE) ** 2)
GREY = (90 * np.sqrt(POWER)).clip(1, 255).astype(np.uint8)
GAP = _with(SPECKLE, np.s_[60:68], 0)

CASES = [
    refused(
        "a translator for a despeckler", "made for the task 'translate', not 'despeckle'", MODEL_FILE=str(TRANSLATOR)
    ),
    refused("tiles that are all overlap", "Tiles of 32 pixels that overlap", TILE=32),
    refused("an extent with a place", "give four numbers within these, without", EXTENT="5e5,6e5,0,9 [EPSG:32633]"),
    refused("parts of one band", "Real and imaginary part are two bands, and 1 of layer", SAR_UNIT="parts"),
    of("all zeros", SPECKLE * 0, refused="holds only the one value 0"),
    of("all NaN", SPECKLE * np.nan, refused="holds only no data"),
    of("one value", SPECKLE * 0 + 3 + 4j, refused="holds only the one value"),
    of("no imaginary part", SPECKLE.real + 0j, refused="The imaginary part of layer 'x' is 0, or follows the real one"),
    of("phases alone", SPECKLE / np.abs(SPECKLE), warned="is smoother than speckle of one look"),
    of("gaps between bursts", GAP, right=known(120 / 128)),
    of("a border of zeros", np.pad(SPECKLE, 20), right=known(128 * 192 / 168 / 232)),
    of("holes", _with(SPECKLE, np.s_[:40, :40], np.nan), right=known(1 - 1600 / 128 / 192)),
    of("fewer pixels than the network sees", SPECKLE[:40, :48], right=known(1)),
    of("one row of pixels", SPECKLE[:1], refused="is only 192 × 1 pixels"),
    of(
        "a spectrum off centre",
        _shaped(lambda at: abs(at) < 0.25, 0.2),
        right=lambda results: results["CORRELATION_BEFORE"] > 0.5,
    ),
    of("a lopsided spectrum", _shaped(lambda at: (at + 0.3) * (abs(at) < 0.3)), warned="are still correlated by"),
    of("a multilooked image with a phase", _smoothed(), warned="is smoother than speckle of one look"),
    of(
        "pixels of a kilometre",
        SPECKLE,
        transform=(ON_MAP[0], 1000, 0, ON_MAP[3], 0, -1000),
        warned="Pixels of layer 'x' are 1e\\+03 m wide, but the model",
    ),
    Case("whole numbers", _whole_numbers, right=known(1)),
    detected("decibels with a hole", DECIBELS, nodata=float(DECIBELS[5, 5]), right=known(1 - 1 / 128 / 192)),
    detected("powers beyond what floats hold", POWER * 1e37, {"SAR_UNIT": "power"}, right=known(1)),
    detected("a quick look", GREY, right=lambda results: clean(results).dtype == np.uint8),
    detected("decibels as power", DECIBELS, {"SAR_UNIT": "power"}, refused="cannot hold linear power"),
    detected("decibels for MERLIN", DECIBELS, {"METHOD": "model", "MODEL_FILE": str(MERLIN)}, refused="holds no phase"),
    detected("heights by their name", DECIBELS, file="dem_srtm.tif", warned="is called like heights"),
]
