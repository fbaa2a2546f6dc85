"""A run of each algorithm on next to nothing, with every output wanted."""

import numpy as np
import processing
from qgis.core import QgsApplication
from sarbridge.tests.image_pair import matching, texture, write_image_pair, write_on_grid
from sarbridge.tests.qgis_session import ENGINE_PYTHON
from sarbridge.tests.rasters import polygons, write_raster
from sarbridge.tests.slc import speckled, write_slc
from sarbridge.tests.toy_despeckler import write_despeckler
from sarbridge.tests.toy_segmenter import write_merlin_seg, write_segmenter
from sarbridge.tests.toy_translator import write_translator
from sarbridge.tests.written_by_engine import write_by_engine


def small_run(algorithm, folder):
    """Return the parameters of a run, whose layers and results lie in `folder`."""
    found = QgsApplication.processingRegistry().algorithmById(f"sarbridge:{algorithm}")
    outputs = {
        each.name(): f"{each.name()}.{each.defaultFileExtension()}" for each in found.destinationParameterDefinitions()
    }
    return {**SMALL_RUNS[algorithm](folder), **{key: str(folder / name) for key, name in outputs.items()}}


def _pair(folder):
    return matching(write_image_pair(folder, size=256), folder)


def _tie_points(folder):
    matched = _pair(folder)
    processing.run("sarbridge:matchtiepoints", matched)
    return {"INPUT": matched["OPTICAL"], "POINTS": matched["TIE_POINTS"], "TRANSFORM": "shift"}


def _planted(folder):
    """A pair that is aligned, in which offsets are planted."""
    scene = texture(256, 256)
    return {
        "SAR": write_on_grid(folder / "sar.tif", -12 + 4 * scene),
        "OPTICAL": write_on_grid(folder / "optical.tif", np.clip(128 + 40 * scene, 0, 255).astype(np.uint8)),
        "METHOD": "ncc",
        "SPACING": 32,
        "MAX_SHIFT": 8,
    }


def _box(folder):
    heights = np.zeros((40, 40))
    heights[15:25, 15:25] = 5
    return write_raster(folder / "box.tif", heights)


def _radar(folder):
    speckle = np.random.default_rng(0).gamma(4, 0.25, (40, 40))
    return {
        "SAR": write_raster(folder / "s1_vv.tif", 10 * np.log10(speckle) - 10, cell=10),
        "MODEL_FILE": write_by_engine(write_translator, folder / "toy.safetensors", ENGINE_PYTHON),
        "DEM": write_raster(folder / "dem.tif", np.zeros((40, 40)), cell=10),
        "HEADING": 0,
    }


def _translation(folder):
    """Two images over four strips of zones, each wide enough for a window of the similarity."""
    random = np.random.default_rng(0)
    zones = np.repeat(np.array([0, 1, 2, 8], np.uint8), 15)
    return {
        "TRANSLATED": write_raster(folder / "translated.tif", random.integers(1, 255, (3, 60, 60)).astype(np.uint8)),
        "REFERENCE": write_raster(folder / "s2.tif", random.integers(1, 255, (3, 60, 60)).astype(np.uint8)),
        "ZONES": write_raster(folder / "zones.tif", np.tile(zones, (60, 1))),
        "SAR": write_raster(folder / "s1.tif", random.normal(-10, 3, (60, 60))),
    }


def _houses(folder):
    """A radar image of a metre, in which a network of random weights finds whatever it finds."""
    speckle = np.random.default_rng(0).gamma(4, 0.25, (64, 80))
    return {
        "SAR": write_raster(folder / "x_hh.tif", 10 * np.log10(speckle) - 10),
        "MODEL_FILE": write_by_engine(write_segmenter, folder / "toy.safetensors", ENGINE_PYTHON),
        "LOOK_AZIMUTH": 100,
        "INCIDENCE": 40,
        "MIN_AREA": 0,
        "DEVICE": "cpu",
    }


def complex_houses(folder):
    """A complex image in radar geometry, in which a network of random weights finds whatever it finds."""
    return {
        "SAR": write_slc(folder / "slc.tif", speckled(128, 192)),
        "MODEL_FILE": write_by_engine(write_merlin_seg, folder / "merlin_seg.safetensors", ENGINE_PYTHON),
        "MIN_AREA": 4,
        "DEVICE": "cpu",
    }


def _buildings(folder):
    """A mask, and footprints of two buildings of which it shows one, and one that is not there."""
    mask = np.zeros((60, 80), np.uint8)
    mask[10:20, 12:30] = mask[40:45, 60:65] = 1
    return {
        "PREDICTED": write_raster(folder / "mask.tif", mask),
        "REFERENCE": polygons(folder / "houses.gpkg", (1, 1, 3, 2), (5, 1, 7, 3)),
    }


def _aligned(folder):
    """A field of echoes and the colours that follow from it, for patches of 64 pixels."""
    random = np.random.default_rng(0)
    field = random.normal(size=(16, 24)).repeat(8, 0).repeat(8, 1)
    colours = np.stack([120 + 30 * field, 110 - 20 * field, 90 + 10 * field]).clip(1, 200).astype(np.uint8)
    return {
        "SAR": write_raster(folder / "s1_vv.tif", 3 * field + random.normal(-10, 1, field.shape), cell=10),
        "OPTICAL": write_raster(folder / "s2.tif", colours, cell=10),
        "PATCH_SIZE": 64,
    }


def _training(folder):
    return {**_aligned(folder), "EPOCHS": 1, "BATCH_SIZE": 3, "DEVICE": "cpu"}


def _matching(folder):
    """A field of echoes and the colours that follow from it, for two patches of 256 pixels that share none."""
    random = np.random.default_rng(0)
    field = random.normal(size=(32, 64)).repeat(8, 0).repeat(8, 1)
    colours = np.stack([120 + 30 * field, 110 + 20 * field, 90 + 10 * field]).clip(1, 200).astype(np.uint8)
    return {
        "SAR": write_raster(folder / "s1_vv.tif", 3 * field + random.normal(-10, 1, field.shape), cell=10),
        "OPTICAL": write_raster(folder / "s2.tif", colours, cell=10),
        "EPOCHS": 1,
        "BATCH_SIZE": 1,
        "DEVICE": "cpu",
    }


def _town(folder):
    """Rows of houses in a radar image, in a photo and as footprints, for patches of 64 pixels."""
    random, corners = np.random.default_rng(0), range(4, 116, 20)
    built = np.zeros((128, 192), bool)
    for row in corners:
        for col in range(4, 180, 20):
            built[row : row + 10, col : col + 10] = True
    colours = np.where(built, 170, 70) + random.normal(0, 8, (3, 128, 192))
    houses = [(col / 10, row / 10, col / 10 + 1, row / 10 + 1) for row in corners for col in range(4, 180, 20)]
    return {
        "SAR": write_raster(folder / "x_hh.tif", np.where(built, -8, -12) + random.normal(0, 2, built.shape)),
        "OPTICAL": write_raster(folder / "photo.tif", colours.astype(np.uint8)),
        "FOOTPRINTS": polygons(folder / "houses.gpkg", *houses),
        "LOOK_AZIMUTH": 180,
        "INCIDENCE": 35,
        "PATCH_SIZE": 64,
        "EPOCHS": 1,
        "BATCH_SIZE": 4,
        "DEVICE": "cpu",
    }


def complex_town(folder):
    """Houses in a complex image in radar geometry, whose control points lay 3.2 m wide pixels on a map, on its side."""
    values, houses = speckled(128, 192), []
    for row in range(8, 120, 24):
        for col in range(8, 180, 24):
            values[row : row + 8, col : col + 8] *= 4
            houses.append(
                ((3 * col + row) / 10, (3 * row - col - 8) / 10, (3 * col + row + 32) / 10, (3 * row - col + 24) / 10)
            )
    return {
        "SAR": write_slc(folder / "slc.tif", values, points=True),
        "FOOTPRINTS": polygons(folder / "houses.gpkg", *houses, heights=[6] * len(houses)),
        "METHOD": "merlin_seg",
        "HEIGHT_FIELD": "height",
        "LOOK_AZIMUTH": 90,
        "INCIDENCE": 35,
        "PATCH_SIZE": 64,
        "EPOCHS": 1,
        "BATCH_SIZE": 4,
        "DEVICE": "cpu",
    }


def _slc(folder):
    """A complex image in radar geometry."""
    return {
        "INPUT": write_slc(folder / "slc.tif", speckled(128, 192)),
        "MODEL_FILE": write_by_engine(write_despeckler, folder / "toy.safetensors", ENGINE_PYTHON),
        "DEVICE": "cpu",
    }


def _slcs(folder):
    """Two complex images in radar geometry, for patches of 64 pixels."""
    layers = [write_slc(folder / f"slc_{seed}.tif", speckled(128, 192, seed)) for seed in (1, 2)]
    return {"LAYERS": layers, "PATCH_SIZE": 64, "EPOCHS": 1, "BATCH_SIZE": 3, "DEVICE": "cpu"}


SMALL_RUNS = {
    "alignimages": _pair,
    "matchtiepoints": _pair,
    "coregister": _tie_points,
    "evaluatematching": _planted,
    "sardistortions": lambda folder: {"DEM": _box(folder), "HEADING": 0},
    "jointvisibility": lambda folder: {"DSM": _box(folder), "HEADING": 0},
    "simulatescene": lambda folder: {"SIZE": 32, "LANDSCAPE": "village"},
    "translatetooptical": _radar,
    "evaluatetranslation": _translation,
    "extractbuildings": _houses,
    "evaluatebuildings": _buildings,
    "trainmatcher": _matching,
    "traintranslator": _training,
    "buildpatches": _aligned,
    "trainbuildings": _town,
    "despeckle": _slc,
    "traindespeckler": _slcs,
    "checkengine": lambda folder: {"DEVICE": "cpu"},
}
"""What is asked for, by algorithm: all but `setupengine`, which needs an index of packages."""
