"""What is given to a training that finds buildings: footprints and images that teach nothing, or that need a repair."""

import numpy as np
from sarbridge.tests.corpus.buildings import SLIVER, footprint_layer
from sarbridge.tests.corpus.case import Case, building_training, complex_building_training
from sarbridge.tests.rasters import polygons, write_raster
from sarbridge.tests.slc import speckled, write_slc

PLAIN = {"METHOD": "plain", "OPTICAL": None}
"""The shortest training: footprints in the radar image alone."""

ROWS = [
    f"POLYGON(({x} {y},{x + 10} {y},{x + 10} {y + 10},{x} {y + 10},{x} {y}))"
    for x in range(4, 180, 20)
    for y in range(4, 116, 20)
]


def refused(name, sentence, **value):
    """Return the case of a training that one value spoils."""
    return Case(name, lambda at: building_training(at, **value), refused=sentence)


def with_footprints(name, *patterns, crs="EPSG:32633", geometry="Polygon", others=None, **expected):
    """Return the case of a plain training with other footprints."""

    def make(at):
        layer = footprint_layer(*patterns, crs=crs, geometry=geometry)
        return building_training(at, **{**PLAIN, "FOOTPRINTS": layer, **(others or {})})

    return Case(name, make, **expected)


def with_layer(name, key, values, nodata=None, **expected):
    """Return the case of a training of which a layer holds other values."""
    return Case(
        name,
        lambda at: building_training(at, **{key: write_raster(at / "b.tif", values, nodata=nodata)}),
        **expected,
    )


def _area(name, sentence, *boxes):
    def make(at):
        return building_training(at, **PLAIN, AREA=polygons(at / "area.gpkg", *boxes))

    return Case(name, make, refused=sentence)


def of_complex(name, values, **expected):
    """Return the case of a training of MERLIN-Seg on other values."""

    def make(at):
        return complex_building_training(at, SAR=write_slc(at / "x.tif", values, points=True))

    return Case(name, make, **expected)


def of_heights(name, height, **expected):
    """Return the case of a training of MERLIN-Seg whose houses are so high."""

    def make(at):
        houses = [(3.0 * x, 3.0 * y, 3.0 * x + 2, 3.0 * y + 2) for x in range(20) for y in range(-4, 12)]
        tall = polygons(at / "tall.gpkg", *houses, heights=[height] * len(houses))
        return complex_building_training(at, FOOTPRINTS=tall)

    return Case(name, make, **expected)


def _beside_no_folder(at):
    (at / "mine.checkpoint").write_text("notes of somebody")
    return building_training(at, **PLAIN, OUTPUT=str(at / "mine.safetensors"))


def learnt(results):
    """Whether there is a model with a threshold."""
    return 0 < results["THRESHOLD"] < 1


SPECKLE = np.random.default_rng(3).normal(-10, 3, (128, 192))
COMPLEX = speckled(128, 192)

CASES = [
    # An epoch is too short to learn much: that is the one warning.
    with_footprints("houses", *ROWS, warned="no better than a threshold of the brightness", right=learnt),
    with_footprints("a sliver among houses", *ROWS, SLIVER, warned="no better than a threshold", right=learnt),
    with_footprints("houses elsewhere", *ROWS, crs="EPSG:3857", refused="No polygon of layer 'houses' lies on layer"),
    with_footprints("points", "POINT(10 10)", geometry="Point", refused="holds no polygons"),
    with_footprints("one house", ROWS[0], refused="too few for two parts"),
    with_footprints(
        "a house as large as the place", "POLYGON((0 0,192 0,192 128,0 128,0 0))", refused="are built up all over"
    ),
    _area("an area elsewhere", "No polygon of layer 'area' lies on layer 'x_hh'", (5000, 0, 5040, 40)),
    _area("an area smaller than a patch", "too few for two parts", (0, 0, 2, 2)),
    with_layer("a radar image of one value", "SAR", SPECKLE * 0 - 9, refused="holds only the one value -9"),
    with_layer("a radar image of nothing", "SAR", SPECKLE * np.nan, refused="holds only no data"),
    with_layer("a photo of nothing", "OPTICAL", SPECKLE * 0, nodata=0, refused="holds only no data"),
    refused("an angle that no radar has", r"\(INCIDENCE\) must be a number", INCIDENCE=89),
    refused("a rate of one", "a rate below 1", RATE=1),
    refused("an architecture unheard of", r"\(ARCHITECTURE\) must be one of these: BridgeBuild", ARCHITECTURE="gan"),
    refused("a decoder that never learnt", "Fine-tuning 'decoder' is for networks", FINE_TUNING="decoder", **PLAIN),
    of_complex("no imaginary part", COMPLEX.real + 0j, refused="The imaginary part of layer 'x' is 0"),
    of_complex("complex zeros", COMPLEX * 0, refused="holds only the one value 0"),
    of_complex("decibels for MERLIN-Seg", np.log(np.abs(COMPLEX)), refused="Layer 'x' holds no phase"),
    of_heights("houses of 50 km", 5e4, refused="reach from 5e.04 to 5e.04 m, which no buildings have"),
    of_heights("houses below the ground", -6.0, refused="reach from -6 to -6 m, which no buildings have"),
    of_heights("houses of no height", 0.0, right=learnt),
    Case("notes called .checkpoint", _beside_no_folder, refused="mine.checkpoint"),
]
