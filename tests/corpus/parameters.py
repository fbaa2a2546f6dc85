"""Values of parameters: what cannot be read, what nothing would use, and odd spellings that can be read."""

import math

from qgis.core import QgsProperty, QgsRectangle
from sarbridge.tests.corpus.case import Case, check, coregister, distortions, match, simulation, visibility


def refused(name, run, sentence, **value):
    """Return the case of a run that one value spoils."""
    return Case(name, lambda at: run(at, **value), refused=sentence)


def taken(name, run, right, **value):
    """Return the case of a run that takes odd values."""
    return Case(name, lambda at: run(at, **value), right=right)


def expression(text):
    return QgsProperty.fromExpression(text)


def _every_cell(results):
    """Whether the box of the small run, 10 × 10 cells of 5 m on 40 × 40, was looked at as usual."""
    return results["VALID_CELLS"] == 40 * 40


def _same_look(folder):
    """A heading as text, an odd side and an expression that look east, as heading 0 to the right does."""
    return distortions(folder, HEADING=" 1.8e2 ", LOOK_SIDE="To the left", INCIDENCE_ANGLE=expression("30 + 8"))


def _shift_found(results):
    return abs(results["MEAN_SHIFT_X_PX"] - 7) < 0.1 and abs(results["MEAN_SHIFT_Y_PX"] + 4) < 0.1


HEADING = r"^Flight direction .*\(HEADING\) must be a number of at least -360 and at most 360; got"
EXTENT, BANDS = r"^Extent \(EXTENT\)", r"^Bands of the optical layer \(OPTICAL_BANDS\) must be different bands of layer"
DEVICE = r"^Device \(DEVICE\) must be auto, cpu, cuda, cuda:N .* or mps; got"
KEEP = r"^Keep rejected points \(KEEP_REJECTED\) must be yes or no"
CRS = r"^Coordinate reference system of the optical layer \(OPTICAL_CRS\) must be .* that QGIS knows"
UNUSED = "is not used by the chosen method and candidates: leave it empty"

CASES = [
    refused("a heading in words", distortions, HEADING, HEADING="east"),
    refused("a heading with a comma", distortions, HEADING + r" '348,5'\.", HEADING="348,5"),
    refused("a heading with a unit", distortions, HEADING, HEADING="348°"),
    refused("a heading that is none", visibility, HEADING, HEADING="nan"),
    refused("an endless heading", distortions, HEADING, HEADING=math.inf),
    refused("a heading too far round", visibility, HEADING, HEADING=361),
    refused("two headings", distortions, HEADING, HEADING=[348, 192]),
    refused("a true heading", distortions, HEADING, HEADING=True),
    refused("a heading of other digits", distortions, HEADING, HEADING="٣"),
    refused("a heading of 400 digits", distortions, HEADING + " a huge number", HEADING=10**400),
    refused("a heading by a broken expression", distortions, r"\(HEADING\): the expression", HEADING=expression("1 +")),
    refused("no heading at all", distortions, "Nothing says where the radar looks: give", HEADING=""),
    refused("a device from the future", check, "device", DEVICE="cuda:99"),
    refused("a device by its maker", check, DEVICE, DEVICE="gpu"),
    refused("a device without its number", distortions, DEVICE, DEVICE="cuda:x"),
    refused("a processor with a number", match, DEVICE, DEVICE="cpu:0"),
    refused("a device of two lines", check, r"\(DEVICE\) must be a text of one line", DEVICE="cpu\ncuda"),
    refused("a scene without pixels", simulation, r"\(SIZE\) must be a whole number of", SIZE=0),
    refused("half a pixel", simulation, r"\(SIZE\) must be a whole number of", SIZE=32.5),
    refused("a seed beyond all", simulation, r"\(SEED\) must be a whole number of", SEED="1e10"),
    refused("a shift of no number", simulation, r"\(SHIFT_RIGHT\) must be a number", SHIFT_RIGHT=math.nan),
    refused("an endless shift", simulation, r"\(SHIFT_DOWN\) must be a number", SHIFT_DOWN="-inf"),
    refused("waves of 1e400", simulation, r"\(WAVES\) must be a number", WAVES="1e400"),
    refused("a landscape of the moon", simulation, r"\(LANDSCAPE\) must be one of these: ", LANDSCAPE="moon"),
    refused("a radar that never flew", simulation, r"\(SAR_PRESET\) must be one of these: Senti", SAR_PRESET="seasat"),
    refused("no polarisation", simulation, r"\(POLARISATIONS\) must be different ones", POLARISATIONS=[]),
    refused("a polarisation twice", simulation, r"\(POLARISATIONS\) must be different ones", POLARISATIONS="VV,VV"),
    refused("a polarisation unheard of", simulation, r"\(POLARISATIONS\) must be different ones", POLARISATIONS="XX"),
    refused("heights of no footprints", simulation, r"\(HEIGHT_FIELD\): there is no layer", HEIGHT_FIELD="h"),
    refused("a sun that stands nowhere", visibility, "give both, or leave both empty", SUN_AZIMUTH=100),
    refused("layover of 100 %", distortions, r"\(FORESHORTENING\) must be a number of", FORESHORTENING=100),
    refused("a band of no layer", distortions, r"\(INCIDENCE_BAND\): there is no layer", INCIDENCE_BAND=2),
    refused("an angle by its tangent", distortions, r"\(INCIDENCE_ANGLE\) must be a number of", INCIDENCE_ANGLE=0.78),
    refused("perhaps", match, KEEP, KEEP_REJECTED="maybe"),
    refused("twice yes", match, KEEP, KEEP_REJECTED=2),
    refused("a list of truths", match, KEEP, KEEP_REJECTED=[True]),
    refused("a band by its colour", match, BANDS, OPTICAL_BANDS="red"),
    refused("a band and a letter", match, BANDS + r" 'optical', which has 1 to 3; got '1,x'\.", OPTICAL_BANDS="1,x"),
    refused("a band twice", match, BANDS, OPTICAL_BANDS=[1, 1]),
    refused("band zero", match, BANDS, OPTICAL_BANDS=[0]),
    refused("the last band but in Python", match, BANDS, OPTICAL_BANDS=-1),
    refused("a band and a half", match, BANDS, OPTICAL_BANDS="1.5"),
    refused("a band too many", match, BANDS, OPTICAL_BANDS=[1, 4]),
    refused("two SAR bands", match, r"\(SAR_BAND\) must be a band of layer 'sar', which has only 1", SAR_BAND="1,2"),
    refused("a method by chance", match, r"\(METHOD\) must be one of these: BridgeMatch, ", METHOD="luck"),
    refused("a method by its number", match, r"\(METHOD\) must be one of these", METHOD=2),
    refused("a list of one method", match, r"\(METHOD\) must be one of these", METHOD=["ncc"]),
    refused("a model that nobody made", match, r"\(MODEL\) must be one of these: .*; got 'best'", MODEL="best"),
    refused(
        "a model file that is gone", match, r"\(MODEL_FILE\): '/gone.safetensors' is no", MODEL_FILE="/gone.safetensors"
    ),
    refused(
        "a model file of another kind", match, r"\(MODEL_FILE\) must be a file of the kind", MODEL_FILE="/model.onnx"
    ),
    refused(
        "a model file that could run",
        match,
        r"\(MODEL_FILE\): '/model.pt' can run anything .* lacks a model card; choose a file that SARbridge wrote",
        MODEL_FILE="/model.pt",
    ),
    refused("a threshold that nothing tests", match, UNUSED, ORN_THRESHOLD=0.5),
    refused("a goodness on a grid", match, UNUSED, GOODNESS_THRESHOLD=0.5),
    refused("an error that nothing predicts", match, UNUSED, MAX_SIGMA=1),
    refused("an error below none", match, r"\(MAX_SIGMA\) must be a number of at least 0", MAX_SIGMA=-1),
    refused("a reach of 4097 pixels", match, r"\(MAX_SHIFT\) must be a whole number of", MAX_SHIFT=4097),
    refused("a reach of 32.7 pixels", match, r"\(MAX_SHIFT\) must be a whole number of", MAX_SHIFT="32.7"),
    refused("pixels smaller than none", match, r"\(PIXEL_SIZE\) must be a number of at least 0", PIXEL_SIZE=-10),
    refused(
        "a misspelled key", match, r"'MAXSHIFT' is no parameter of .*: perhaps .* \(MAX_SHIFT\) is meant", MAXSHIFT=8
    ),
    refused("a key in small letters", distortions, r"'heading' is no parameter of .* \(HEADING\) is meant", heading=90),
    refused("three corners", distortions, EXTENT + " must be", EXTENT="1,2,3"),
    refused("corners of no number", distortions, EXTENT + " must be", EXTENT="0,nan,0,10 [EPSG:32633]"),
    refused("endless corners", visibility, EXTENT + " must be", EXTENT="-inf,inf,-inf,inf"),
    refused("corners with units", match, EXTENT + " must be", EXTENT="0 m,9 m,0 m,9 m"),
    refused("a system that nobody defined", distortions, EXTENT + ": QGIS knows no", EXTENT="0,9,0,9 [EPSG:999999]"),
    refused("west after east", distortions, EXTENT + r": west \(9\) must be less", EXTENT="9,1,0,9 [EPSG:32633]"),
    refused("no width", visibility, EXTENT + ": west", EXTENT="5,5,0,9 [EPSG:32633]"),
    refused("no height", simulation, EXTENT + ": west", EXTENT="0,9,5,5 [EPSG:32633]"),
    refused("across the date line", match, EXTENT + ": it reaches across 180", EXTENT="170,-170,-9,9 [EPSG:4326]"),
    refused("north of the pole", simulation, EXTENT + ": latitudes end at 90", EXTENT="0,9,80,95 [EPSG:4326]"),
    refused("a rectangle of NaN", visibility, EXTENT + " must be", EXTENT=QgsRectangle(*[math.nan] * 4)),
    refused("an extent in a list", distortions, EXTENT + " must be", EXTENT=["0,9,0,9"]),
    refused("an extent by no layer", distortions, EXTENT + " must be", EXTENT="no such layer"),
    refused("an extent of no system", simulation, EXTENT + ": it has no coordinate reference", EXTENT="0,640,0,640"),
    refused("a code that nobody defined", coregister, CRS, OPTICAL_CRS="EPSG:999999"),
    refused("a code without its authority", coregister, CRS, OPTICAL_CRS=32633),
    refused("a project that is not there", coregister, CRS, OPTICAL_CRS="ProjectCrs"),
    refused(
        "a transform by a friend", coregister, r"\(TRANSFORM\) must be one of these: .*\(tps\)", TRANSFORM="spline"
    ),
    refused("both images move", coregister, r"\(MOVES\) must be one of these", MOVES="optical,sar"),
    refused("points by a number", coregister, r"\(POINTS\) must be one layer", POINTS=7),
    refused("an image in a list", coregister, r"\(INPUT\) must be one layer", INPUT=["optical.tif"]),
    refused("an output in a list", coregister, r"\(OUTPUT\) must be the name of a file", OUTPUT=["a.tif"]),
    refused("no output", coregister, r"\(OUTPUT\) is needed", OUTPUT=None),
    Case("one look in odd words", _same_look, right=_every_cell),
    taken("empty values", distortions, _every_cell, LOOK_SIDE="", INCIDENCE_ANGLE=None, EXTENT="", DEVICE=" "),
    taken("a choice in words", coregister, lambda results: results["POINT_COUNT"] == 16, TRANSFORM="Affine transform"),
    taken("a choice by its identifier", coregister, lambda results: results["POINT_COUNT"] == 16, TRANSFORM="affine"),
    taken("bands as a text", match, _shift_found, OPTICAL_BANDS="1, 3", KEEP_REJECTED="no"),
    taken("a method in words", match, _shift_found, METHOD="normalised cross-correlation", MAX_SHIFT="16.0"),
]
