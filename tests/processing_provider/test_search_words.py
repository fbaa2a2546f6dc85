"""What users type into the toolbox's search finds the algorithms that do it."""

import pytest
from qgis.core import QgsApplication
from qgis.gui import QgsProcessingToolboxProxyModel

pytestmark = pytest.mark.usefixtures("qgis_application")

MATCH, COREGISTER, BOTH = "matchtiepoints", "coregister", "alignimages"
MATCH_EVALUATION = "evaluatematching"
DISTORTIONS, VISIBILITY, SIMULATION = "sardistortions", "jointvisibility", "simulatescene"
TRANSLATION, EVALUATION = "translatetooptical", "evaluatetranslation"
EXTRACTION, BUILDING_EVALUATION = "extractbuildings", "evaluatebuildings"
DESPECKLING, DESPECKLER_TRAINING = "despeckle", "traindespeckler"
TRAINING, PATCHES, BUILDING_TRAINING = "traintranslator", "buildpatches", "trainbuildings"
MATCHER_TRAINING = "trainmatcher"
SETUP, CHECK = "setupengine", "checkengine"


def found(words):
    proxy = QgsProcessingToolboxProxyModel(None, QgsApplication.processingRegistry())
    proxy.setFilterString(words)
    ids, rows = set(), [proxy.index(row, 0) for row in range(proxy.rowCount())]
    while rows:
        index = rows.pop()
        rows += [proxy.index(row, 0, index) for row in range(proxy.rowCount(index))]
        algorithm = proxy.toolboxModel().algorithmForIndex(proxy.mapToSource(index))
        if algorithm:
            ids.add(algorithm.id())
    return {each.partition(":")[2] for each in ids if each.startswith("sarbridge:")}


@pytest.mark.parametrize(
    "words, algorithms",
    [
        ("georeference", {MATCH, COREGISTER, BOTH}),
        ("sentinel", {MATCH, COREGISTER, BOTH, DISTORTIONS, SIMULATION}),
        ("sentinel-2", {MATCH, COREGISTER, BOTH, SIMULATION}),
        ("image matching", {MATCH, COREGISTER, BOTH, MATCH_EVALUATION}),
        ("check points", {MATCH_EVALUATION}),
        ("registration", {MATCH, COREGISTER, BOTH}),
        ("coregistration", {MATCH, COREGISTER, BOTH}),
        ("ground control points", {MATCH, COREGISTER, BOTH}),
        ("gcp", {MATCH, COREGISTER, BOTH}),
        ("align", {MATCH, COREGISTER, BOTH}),
        ("thin plate spline", {COREGISTER}),
        ("layover", {DISTORTIONS, VISIBILITY}),
        ("shadow", {DISTORTIONS, VISIBILITY}),
        ("radar shadow", {DISTORTIONS, VISIBILITY}),
        ("occlusion", {VISIBILITY}),
        ("viewshed", {VISIBILITY}),
        ("simulation", {SIMULATION}),
        ("test data", {SIMULATION}),
        ("clouds", {TRANSLATION}),
        ("translation", {TRANSLATION}),
        ("pix2pix", {TRANSLATION, TRAINING}),
        ("train", {TRAINING, BUILDING_TRAINING, DESPECKLER_TRAINING, MATCHER_TRAINING}),
        ("fine-tune", {TRAINING, BUILDING_TRAINING, DESPECKLER_TRAINING, MATCHER_TRAINING}),
        ("corrasl", {MATCHER_TRAINING}),
        ("speckle filter", {DESPECKLING}),
        ("refined lee", {DESPECKLING}),
        ("merlin", {DESPECKLING, DESPECKLER_TRAINING, EXTRACTION, BUILDING_TRAINING}),
        ("slc", {DESPECKLING, DESPECKLER_TRAINING}),
        ("distillation", {BUILDING_TRAINING}),
        ("dataset", {PATCHES}),
        ("sen1-2", {PATCHES}),
        ("ssim", {EVALUATION}),
        ("compare images", {EVALUATION}),
        ("iou", {BUILDING_EVALUATION}),
        ("footprints", {EXTRACTION, BUILDING_EVALUATION}),
        ("building extraction", {EXTRACTION}),
        ("earthquake", {EXTRACTION}),
        ("accuracy", {EVALUATION, BUILDING_EVALUATION, MATCH_EVALUATION}),
        ("pytorch", {SETUP}),
        ("install", {SETUP}),
        ("gpu", {SETUP, CHECK}),
        ("version", {CHECK}),
    ],
)
def test_words_find_what_does_it(words, algorithms):
    assert found(words) >= algorithms
