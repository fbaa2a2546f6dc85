"""What is given to a training, and to data sets of patches: layers that teach nothing, and lengths without sense."""

import numpy as np
from osgeo import gdal
from sarbridge.tests.corpus.case import Case, patches, training
from sarbridge.tests.rasters import LEFT, TOP, polygons, write_raster

_RANDOM = np.random.default_rng(3)
SPECKLE = _RANDOM.normal(-10, 3, (128, 192))
COLOURS = _RANDOM.integers(1, 200, (3, 128, 192)).astype(np.uint8)
FIELD = np.linspace(0, 300, 192) * np.ones((128, 1))


def refused(name, sentence, **value):
    """Return the case of a training that one value spoils."""
    return Case(name, lambda at: training(at, **value), refused=sentence)


def with_layer(name, key, values, run=training, corner=(LEFT, TOP), cell=10, nodata=None, others=None, **expected):
    """Return the case of a run, of which the layer `key` holds other values or lies elsewhere."""

    def make(at):
        path = write_raster(at / f"{key.lower()}_b.tif", values, cell, corner, nodata)
        return run(at, **{key: path}, **(others or {}))

    return Case(name, make, **expected)


def _area(name, sentence, *boxes):
    return Case(name, lambda at: training(at, AREA=polygons(at / "area.gpkg", *boxes)), refused=sentence)


def _beside_no_checkpoint(at):
    (at / "mine.checkpoint").write_text("notes of somebody")
    return training(at, OUTPUT=str(at / "mine.safetensors"))


def _more(name, sentence, sar, optical):
    """Return the case of a second place."""

    def make(at):
        elsewhere = {"cell": 10, "corner": (LEFT + 40_000, TOP)}
        paths = [
            write_raster(at / f"{which}.tif", values, **elsewhere) for which, values in (("b", sar), ("c", optical))
        ]
        return training(at, MORE_SAR=paths[:1], MORE_OPTICAL=paths[1:])

    return Case(name, make, refused=sentence)


def _in_feet(at):
    path = write_raster(at / "dem.tif", FIELD / 0.3048, cell=10)
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.GetRasterBand(1).SetUnitType("ft")
    dataset = None
    return patches(at, DEM=path)


def _in_metres(results):
    heights = gdal.Open(f"{results['FOLDER']}/dem/0001.tif").ReadAsArray()
    return np.allclose(heights, FIELD[:64, :64], atol=0.01)


def all_patches(results):
    """Whether the 15 patches of 64 pixels, every 32, are there."""
    return results["PATCHES"] == 15


HEIGHTS, PLAIN = {"METHOD": "pix2pix"}, {"METHOD": "sardinet"}
HOLED = np.where(np.arange(192) % 60 == 7, np.nan, SPECKLE)

TRAININGS = [
    refused("no epoch", r"\(EPOCHS\) must be a whole number of at least 1", EPOCHS=0),
    refused("half an epoch", r"\(EPOCHS\) must be a whole number", EPOCHS=0.5),
    refused("minutes before now", r"\(MINUTES\) must be a number of at least 0", MINUTES=-1),
    refused("epochs and minutes", r"\(EPOCHS\) and .* \(MINUTES\) are both chosen", EPOCHS=3, MINUTES=3),
    refused("a rate of one", "a rate below 1", RATE=1),
    refused("patches of any size", "The patch size must be a multiple of 32", PATCH_SIZE=100),
    refused("patches larger than the layers", "192 × 128 pixels of layer 's1_vv', too few for one", PATCH_SIZE=160),
    refused("one patch alone", "lie too close for two parts that share no pixel", PATCH_SIZE=128),
    refused("a method unheard of", r"\(METHOD\) must be one of these: BridgeView", METHOD="unet"),
    refused("a fusion without heights", "SARDINet-E learns from heights", METHOD="sardinet_early"),
    refused("a name that is markup", "The model needs a name", NAME="<b>mine</b>"),
    refused("decibels as power", "cannot hold linear power", SAR_UNIT="power"),
    refused("a band that is none", r"\(OPTICAL_BANDS\) must be different bands of layer", OPTICAL_BANDS="4"),
    Case("notes called .checkpoint", _beside_no_checkpoint, refused="is no checkpoint of a training, or a damaged one"),
    with_layer("a radar image of one value", "SAR", SPECKLE * 0 - 9, refused="holds only the one value -9"),
    with_layer("a radar image of nothing", "SAR", SPECKLE * np.nan, refused="'sar_b' holds only no data"),
    with_layer("a radar image of one pixel", "SAR", SPECKLE[:1, :1], refused="is only 1 × 1 pixels"),
    with_layer("holes everywhere", "SAR", HOLED, refused="None of 15 patches .*15 for holes"),
    with_layer("an optical image of one value", "OPTICAL", COLOURS * 0 + 7, refused="holds only the one value 7"),
    with_layer("an optical image of nothing", "OPTICAL", COLOURS * 0, nodata=0, refused="'optical_b' holds only no"),
    with_layer("clouds", "OPTICAL", COLOURS // 10 + 235, refused="None of 15 patches .* for clouds"),
    with_layer("colours elsewhere", "OPTICAL", COLOURS, corner=(LEFT + 9e4, TOP), refused="'s1_vv' and 'optical_b' do"),
    with_layer("colours beside", "OPTICAL", COLOURS, corner=(LEFT + 1500, TOP), refused="overlap on 42 × 128 pixels"),
    with_layer("heights elsewhere", "DEM", FIELD, corner=(LEFT + 9e4, TOP), others=HEIGHTS, refused="do not overlap"),
    with_layer("heights of nothing", "DEM", FIELD * np.nan, others=HEIGHTS, refused="'dem_b' holds only no data"),
    with_layer("heights that nobody asks for", "DEM", FIELD, others=PLAIN, refused="SARDINet takes no heights"),
    _area("an area elsewhere", "No polygon of layer 'area' lies on layer 's1_vv'", (5000, 0, 5040, 40)),
    _area("an area smaller than a patch", "None of 15 patches .*15 for holes", (0, 0, 50, 50)),
    _more("a second place of one value", "Layer 'b' holds only the one value -9", SPECKLE * 0 - 9, COLOURS),
    _more("a second place of one band", "Layer 'c' has 1 band, but of layer 's2' the bands 1, 2, 3", SPECKLE, FIELD),
    _more("a second place smaller than a patch", "overlap on 40 × 40 pixels", SPECKLE[:40, :40], COLOURS[:, :40, :40]),
]

PATCHES = [
    Case("heights in feet", _in_feet, right=_in_metres),
    with_layer(
        "colours far around",
        "OPTICAL",
        np.pad(COLOURS, ((0, 0), (50, 60), (50, 60)), "reflect"),
        run=patches,
        corner=(LEFT - 500, TOP + 500),
        right=all_patches,
    ),
    with_layer(
        "coarse colours",
        "OPTICAL",
        COLOURS[:, ::4, ::4],
        run=patches,
        cell=40,
        right=all_patches,
        warned="a model can learn no detail that the optical image does not show",
    ),
    with_layer("no patch at all", "SAR", HOLED, run=patches, refused="None of 15 patches .*15 for holes"),
    Case("a folder that is a file", lambda at: patches(at, FOLDER=str(at / "s2.tif")), refused="and no empty folder"),
]

CASES = [*TRAININGS, *PATCHES]
