"""What is given to the extraction of buildings: no radar images, other pixels, looks and outputs that cannot be."""

import numpy as np
from osgeo import gdal
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.tests.corpus.case import Case, complex_extraction, extraction
from sarbridge.tests.rasters import LEFT, TOP, write_raster
from sarbridge.tests.slc import speckled, write_slc

SPECKLE = 10 * np.log10(np.random.default_rng(1).gamma(4, 0.25, (64, 80))) - 10
HOLES = np.where(SPECKLE > -8, np.nan, SPECKLE)
SLC = speckled(128, 192)
GAP = np.where(abs(np.arange(128)[:, None] - 64) < 4, 0, SLC)
TEN_METRES = (LEFT, 10, 0, TOP, 0, -10)
TRANSLATOR = SHIPPED_MODELS / "bridgeview_s1s2.safetensors"


def refused(name, sentence, **value):
    """Return the case of a run that one value spoils."""
    return Case(name, lambda at: extraction(at, **value), refused=sentence)


def slc(name, values, transform=None, others=None, **expected):
    """Return the case of a complex layer that holds other values, with a model for such."""

    def make(at):
        return complex_extraction(at, SAR=write_slc(at / "x.tif", values, transform), **(others or {}))

    return Case(name, make, **expected)


def of(name, values, nodata=None, cell=1.0, file="x.tif", others=None, **expected):
    """Return the case of a SAR layer that holds other values, or has another name or pixel."""

    def make(at):
        return extraction(at, SAR=write_raster(at / file, values, cell=cell, nodata=nodata), **(others or {}))

    return Case(name, make, **expected)


def mask(results):
    return gdal.Open(results["MASK"]).ReadAsArray()


def _photograph():
    """Lawns, calm as optical images have them, and a textured town."""
    generator = np.random.default_rng(2)
    roughness = np.where(np.arange(256) < 128, 0.5, 25)
    return (90 + generator.normal(size=(256, 256)) * roughness).clip(1, 255).astype(np.uint8)


def _cut_names(at):
    return extraction(at, FOOTPRINTS=str(at.parent / "out" / "houses.shp"))


CASES = [
    refused(
        "a translator for an extractor", "made for the task 'translate', not 'buildings'", MODEL_FILE=str(TRANSLATOR)
    ),
    refused("an incidence of nadir", r"\(INCIDENCE\) must be a number of at least 5 and at most 80", INCIDENCE=2),
    refused("an incidence beyond the horizon", r"\(INCIDENCE\) must be a number of at least 5", INCIDENCE=95),
    refused("a threshold in percent", r"\(THRESHOLD\) must be a number of at least 0 and at most 1", THRESHOLD=50),
    refused("a negative area", r"\(MIN_AREA\) must be a number of at least 0", MIN_AREA=-1),
    refused("right angles", r"\(REGULARISE\) must be one of these: none: along the pixels", REGULARISE="right angles"),
    refused("tiles that are all overlap", "Tiles of 96 pixels that overlap by 64 on each side", TILE=96),
    refused("a place elsewhere", "The extent holds no cell of layer 'x_hh'", EXTENT="0,10,0,10 [EPSG:32633]"),
    refused("decibels as power", "cannot hold linear power, as most of its values are negative", SAR_UNIT="power"),
    Case("a format that cuts names", _cut_names, refused="give a file name that ends in .gpkg or .geojson or .fgb"),
    of("a radar image of nothing", np.full((40, 40), -99.0), -99, refused="'x' holds only no data in the bands"),
    of("pixels of Sentinel-1", SPECKLE, cell=10, refused="choose a model for such pixels, or an image with finer ones"),
    of("pixels of a decimetre", SPECKLE, cell=0.1, refused="resample the layer to 0.5 m first"),
    of("pixels a little too large", SPECKLE, cell=4, warned="Resample the layer to 3 m first"),
    of("heights by their name", SPECKLE, file="dem_srtm.tif", warned="is called like heights"),
    of("a photograph", _photograph(), file="unknown.tif", warned="as optical images are and speckle is not"),
    of("an area too large for any building", SPECKLE, others={"MIN_AREA": 1e8}, warned="layer of footprints is empty"),
    slc("no phase", np.abs(SLC), refused="layer 'x' holds no phase: choose a single-look complex"),
    slc("no imaginary part", SLC.real + 0j, refused="The imaginary part of layer 'x' is 0, or follows the real one"),
    slc("nothing but zeros", SLC * 0, refused="Layer 'x' holds only the one value 0"),
    slc("nothing but NaN", SLC * np.nan, refused="Layer 'x' holds only no data"),
    slc("complex pixels of Sentinel-1", SLC, TEN_METRES, refused="choose a model for such pixels, or an image"),
    slc(
        "a flight direction for a model that turns nothing", SLC, others={"HEADING": 10}, refused="sees images as they"
    ),
    slc("fewer pixels than the network sees", SLC[:40, :48], right=lambda results: mask(results).shape == (40, 48)),
    slc("a gap between bursts", GAP, right=lambda results: np.array_equal(mask(results) == 255, GAP == 0)),
    slc("correlated parts", SLC.real + 1j * (SLC.real + SLC.imag), warned="are not alike|are still correlated"),
    Case(
        "complex numbers without a place for a model of detected images",
        lambda at: extraction(at, SAR=write_slc(at / "x.tif", SLC)),
        refused="Layer 'x' has no coordinate reference system: set it",
    ),
    of("holes", HOLES, right=lambda results: mask(results).shape == HOLES.shape),
]
