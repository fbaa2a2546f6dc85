"""What is given to translations and evaluations: layers that are none of their own, models and tiles without sense."""

import json
from functools import partial

import numpy as np
from osgeo import gdal
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.tests.corpus.case import Case, evaluation, translation
from sarbridge.tests.corpus.models import SHIPPED
from sarbridge.tests.rasters import write_raster

SPECKLE = 10 * np.log10(np.random.default_rng(1).gamma(4, 0.25, (40, 40))) - 10


def refused(name, sentence, **value):
    """Return the case of a run that one value spoils."""
    return Case(name, lambda at: translation(at, **value), refused=sentence)


def of(name, values, nodata=None, cell=10, file="s1.tif", others=None, **expected):
    """Return the case of a SAR layer that holds other values, or has another name or pixel."""

    def make(at):
        sar = write_raster(at / file, values, cell=cell, nodata=nodata)
        return translation(at, SAR=sar, **(others or {}))

    return Case(name, make, **expected)


def colours(results):
    return gdal.Open(results["OUTPUT"]).ReadAsArray()


def _heights_elsewhere(at):
    far = write_raster(at / "far.tif", np.zeros((40, 40)), cell=10, corner=(700_000, 5_300_000))
    return translation(at, DEM=far)


def _itself_as_heights(at):
    run = translation(at)
    return translation(at, DEM=run.parameters["SAR"])


TRANSLATOR = SHIPPED_MODELS / "bridgeview_s1s2.safetensors"


def _weights(data, at, name="inception.safetensors"):
    path = at / name
    path.write_bytes(data)
    return evaluation(at, FEATURE_MODEL_FILE=str(path))


def _safetensors(**shapes):
    """A file of zeros with tensors of these names and shapes."""
    header, end = {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * int(np.prod(shape))
        header[name.replace("__", ".")] = {"dtype": "F32", "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + bytes(end)


PICKLE = b"\x80\x02}q\x00."
FEATURES = [
    ("pickled weights", partial(_weights, PICKLE, name="inception.pth"), r"\(FEATURE_MODEL_FILE\): .* as safetensors"),
    (
        "pickled weights by another name",
        partial(_weights, PICKLE),
        "is no file of weights: it is not a safetensors file",
    ),
    ("weights that are nothing", partial(_weights, b""), "is no file of weights: it is not a safetensors file"),
    ("weights without tensors", partial(_weights, _safetensors()), r"lacks tensor 'Conv2d_1a_3x3.conv.weight' \(470 "),
    (
        "weights of another network",
        partial(_weights, _safetensors(conv1__weight=[64, 3, 7, 7])),
        "lacks tensor 'Conv2d_1a_3x3.conv.weight' .* the layout of torchvision's inception_v3",
    ),
    (
        "weights of another size",
        partial(_weights, _safetensors(Conv2d_1a_3x3__conv__weight=[64, 3, 3, 3])),
        "wrong shape or type of tensor 'Conv2d_1a_3x3.conv.weight'",
    ),
    (
        "a translator to compare by",
        lambda at: evaluation(at, FEATURE_MODEL_FILE=str(TRANSLATOR)),
        "made for the task 'translate', not 'match'",
    ),
]
"""By name: what is named as the network of features, and the sentence."""

HOLES = np.where(SPECKLE > -8, np.nan, SPECKLE)

CASES = [
    *(Case(name, make, refused=sentence) for name, make, sentence in FEATURES),
    refused("a matcher for a translator", "made for the task 'match', not 'translate'", MODEL_FILE=str(SHIPPED)),
    refused("a filter unheard of", r"\(ENHANCE\) must be one of these: none; Laplacian", ENHANCE="blur"),
    refused("a polarisation unheard of here", r"\(POLARISATIONS\) must be different ones of VV", POLARISATIONS="VX"),
    refused("two polarisations of one band", r"\(POLARISATIONS\) must name one for each band", POLARISATIONS="VV, VH"),
    refused("endless tiles", r"\(TILE\) must be a whole number of", TILE=1e9),
    refused("tiles that are all overlap", "Tiles of 96 pixels that overlap by 48", TILE=96),
    refused("an overlap below nothing", r"\(OVERLAP\) must be a whole number of", OVERLAP=-1),
    refused("decibels as power", "cannot hold linear power, as most of its values are negative", SAR_UNIT="power"),
    refused("decibels as a picture", "cannot hold an 8-bit rendering", SAR_UNIT="display"),
    refused("real values as complex ones", "holds real values .* not complex ones", SAR_UNIT="complex"),
    refused("a place elsewhere", "The extent holds no cell of layer 's1_vv'", EXTENT="0,10,0,10 [EPSG:32633]"),
    refused("zones by no direction", "Nothing says where the radar looks", HEADING=""),
    Case("heights of another place", _heights_elsewhere, refused="Layers 's1_vv' and 'far' do not overlap"),
    Case("the radar image as its own heights", _itself_as_heights, refused="are the same image, band 1"),
    of("a radar image of nothing", np.full((40, 40), -99.0), -99, refused="'s1' holds only no data in the bands"),
    of("a radar image of one value", np.full((40, 40), -9.0), refused="holds only the one value -9"),
    of("a radar image of one pixel", SPECKLE[:1, :1], refused="is only 1 × 1 pixels"),
    of("hundredths of decibels", 100 * SPECKLE, refused="divide tenths or hundredths of decibels by 10 or 100 first"),
    of(
        "decibels and power",
        np.stack([SPECKLE, 10 ** (SPECKLE / 10)]),
        others={"SAR_BANDS": "1,2", "POLARISATIONS": "VV, VH"},
        refused="bands of layer 's1' differ in unit",
    ),
    of("zeros around", np.pad(SPECKLE, 5), warned="are exactly 0 and count as image"),
    of("a polarisation unlearnt", SPECKLE, file="s1_hh.tif", warned="has learnt from VV and VH, and layer 's1_hh'"),
    of("pixels of a kilometre", SPECKLE, cell=1000, warned="Resample the layer to 20 m first"),
    of("heights by their name", SPECKLE, file="dem_srtm.tif", warned="is called like heights"),
    of("holes", HOLES, right=lambda results: np.array_equal((colours(results) == 0).all(0), np.isnan(HOLES))),
    of("a picture of three greys", np.uint8(SPECKLE[None] * np.ones((3, 1, 1)) + 40), right=lambda r: colours(r).all()),
]
