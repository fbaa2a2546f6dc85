"""The table of methods: complete, and each row makes what it names."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.contract.matching_jobs import LEARNED_METHODS
from sarbridge.contract.matching_jobs import METHODS as NAMES
from sarbridge.engine.matching.matcher import Matcher
from sarbridge.engine.matching.methods import METHODS, Run, make_matcher
from sarbridge.engine.rasters.radiometry import SarRadiometry
from sarbridge.engine.rasters.raster_sample import RasterSample
from sarbridge.engine.reporting import Reporter
from sarbridge.models.card import read_card
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.models.matching.corr_asl import CorrASL
from sarbridge.tests.tiny_bundle import write_tiny_bundle


@pytest.fixture
def run_with(tmp_path):
    """A function that returns a `Run` with a network (None: without a model) and the list of what it reports."""
    card = read_card(write_tiny_bundle(tmp_path / "tiny.safetensors"))  # trained on -30 to 0 dB
    values = np.linspace(-25, 5, 128 * 128, dtype=np.float32).reshape(1, 128, 128)
    sample = RasterSample("Radar", "float32", False, values, np.isfinite(values))

    def make(network):
        sent = []
        known = (network, card) if network else (None, None)
        return Run(torch.device("cpu"), Reporter(sent.append), sample, SarRadiometry("db"), *known), sent

    return make


def test_the_engine_and_qgis_know_the_same_methods():
    assert tuple(METHODS) == tuple(NAMES)
    networks = {name: method.network.__name__ for name, method in METHODS.items() if method.network}
    assert networks == LEARNED_METHODS


@pytest.mark.parametrize("name", METHODS)
def test_a_row_makes_its_matcher(name, run_with):
    run, _ = run_with(METHODS[name].network and METHODS[name].network())
    matcher = make_matcher(name, run)
    assert type(matcher) is METHODS[name].matcher and isinstance(matcher, Matcher)


def test_a_model_for_another_method_is_refused(run_with):
    with pytest.raises(UserError, match="'Tiny bundle' holds BridgeMatch, not CorrASL"):
        make_matcher("corrasl", run_with(BridgeMatch())[0])
    with pytest.raises(UserError, match="'Tiny bundle' holds CorrASL, not BridgeMatch"):
        make_matcher("bridgematch", run_with(CorrASL())[0])


def test_a_card_without_a_sar_input_is_refused(run_with):
    run, _ = run_with(CorrASL())
    with pytest.raises(UserError, match="'Tiny bundle' does not say which SAR images"):
        make_matcher("corrasl", replace(run, card=replace(run.card, inputs={})))


def test_only_corr_asl_clips_and_says_to_what(run_with):
    run, sent = run_with(CorrASL())
    sar, _ = make_matcher("corrasl", run).describe(torch.tensor([[-40.0, -15.0, 3.0]]), torch.zeros(1, 3))
    assert sar.tolist() == [[[0.0, 0.5, 1.0]]]
    assert [message["text"] for message in sent] == [
        "SAR values are clipped to -30 to 0, the range of the model's training set."
    ]
    run, sent = run_with(BridgeMatch())
    make_matcher("bridgematch", run)
    assert sent == []
