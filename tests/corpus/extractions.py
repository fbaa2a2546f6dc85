"""What is given to the extraction of buildings: no radar images, other pixels, looks and outputs that cannot be."""

import numpy as np
from osgeo import gdal
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.tests.corpus.case import Case, extraction
from sarbridge.tests.rasters import write_raster

SPECKLE = 10 * np.log10(np.random.default_rng(1).gamma(4, 0.25, (64, 80))) - 10
HOLES = np.where(SPECKLE > -8, np.nan, SPECKLE)
TRANSLATOR = SHIPPED_MODELS / "bridgeview_s1s2.safetensors"


def refused(name, sentence, **value):
    """Return the case of a run that one value spoils."""
    return Case(name, lambda at: extraction(at, **value), refused=sentence)


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
    of("holes", HOLES, right=lambda results: mask(results).shape == HOLES.shape),
]
