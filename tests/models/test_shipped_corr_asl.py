"""The CorrASL that ships, on a real tile that it was not trained on."""

import pytest
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.engine.matching.error_scores import scores_of
from sarbridge.engine.matching.methods import METHODS
from sarbridge.engine.matching.training.evaluation import errors_on, planted_in
from sarbridge.models.matching.corr_asl import CorrASL
from sarbridge.models.model_file import load_model
from sarbridge.recipes.pairs import read_pair

MODEL = SHIPPED_MODELS / "corrasl_s1s2.safetensors"


@pytest.fixture(scope="module")
def loaded():
    return load_model(MODEL, "match")


def test_it_is_the_published_network_with_an_orn_of_its_own(loaded):
    card, networks = loaded
    assert set(networks) == {"match", "orn"} and type(networks["match"]) is CorrASL
    assert card.networks["match"] == {"class": "CorrASL", "arguments": {"attention": True, "softmax": True}}
    assert card.inputs["sar"]["unit"] == "8-bit rendering" and card.inputs["sar"]["range"] == [0, 255]
    assert card.operating_point == {"orn_threshold": 0.5}
    assert card.validation["all windows"]["within_1"] > 40


def test_it_is_small_enough_to_ship():
    assert MODEL.stat().st_size <= 4e6


def test_it_finds_what_mutual_information_does_not(loaded, real_data):
    card, networks = loaded
    pairs = [read_pair(real_data / "s1s2_los_angeles", "188")]
    windows = planted_in(pairs, spacing=320, max_shift=32)
    matchers = METHODS["corrasl"].matcher(networks["match"], card.inputs["sar"]["range"]), METHODS["mi"].matcher()
    ours, theirs = (scores_of(errors_on(matcher, pairs, windows, 32, batch=4)) for matcher in matchers)
    assert ours.count == theirs.count >= 4
    assert ours.mean < theirs.mean and ours.within_3 >= 75
