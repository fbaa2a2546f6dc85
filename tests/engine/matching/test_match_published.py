"""Whole matching runs with PSiam, DeepMatch and SSNet from model files, on pairs with a planted shift."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.matching.training.deep_match_lesson import DeepMatchLesson, deep_match_sampler, plan_of
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.engine.training.loop import train
from sarbridge.models.card import read_card
from sarbridge.models.matching import ss_net
from sarbridge.models.matching.psiam import PSiam
from sarbridge.models.model_file import load_model, save_model
from sarbridge.models.networks import network_entries
from sarbridge.tests.engine.matching.matching_pairs import PIXEL, SHIFT, job
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both
from sarbridge.tests.models.matching.transparent_psiam import transparent_psiam
from sarbridge.tests.models.matching.transparent_ss_net import transparent_ss_net
from sarbridge.tests.tiny_bundle import write_tiny_bundle


@pytest.fixture(scope="module")
def model_file(tmp_path_factory):
    """A function that writes a network, with its constructor's arguments, as one taught on 8-bit renderings."""
    folder = tmp_path_factory.mktemp("published")
    card = read_card(write_tiny_bundle(folder / "tiny.safetensors"))
    sar = {**card.inputs["sar"], "unit": "8-bit rendering", "range": [32, 224]}

    def written(network, **arguments):
        networks = {"match": network}
        entries = network_entries(networks, {"match": arguments})
        path = folder / f"{type(network).__name__}.safetensors"
        new = replace(card, networks=entries, inputs={**card.inputs, "sar": sar}, operating_point={}, sha256="")
        save_model(path, new, networks)
        return str(path)

    return written


@pytest.fixture(scope="module")
def deep_match(tmp_path_factory):
    """A network that has learnt from a few samples of a texture which is the same in both modalities."""
    torch.manual_seed(2)
    lesson = DeepMatchLesson(deep_match_sampler([([same_in_both(280, 280)], 1.0)]), (32.0, 224.0), rate=1e-3)
    checkpoint = tmp_path_factory.mktemp("deepmatch") / "checkpoint.safetensors"
    return train(lesson, plan_of(15, batch=1), checkpoint, torch.device("cpu"), NullReporter()).networks["match"]


@pytest.mark.parametrize("max_shift", [8, 40])
def test_psiam(plain, model_file, max_shift):
    """From a largest shift of 17 on, a first stage finds out how the whole image lies, whatever the method."""
    path = model_file(transparent_psiam(64), side=64)
    sent = []
    settings = {"method": "psiam", "model": path, "spacing": 80, "max_shift": max_shift}
    rows = run(job(plain, **settings), Reporter(sent.append))["rows"]
    assert len(rows) >= 6
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=PIXEL)
        assert 0.3 < row["score"] <= 1, "a probability: without an ORN nothing else judges"
    assert any("'Radar' is clipped to its own 3-sigma range" in message.get("text", "") for message in sent)


def test_a_template_is_as_large_as_the_model_s_patches(plain, model_file):
    path = model_file(transparent_psiam(112), side=112)
    with pytest.raises(UserError, match="107 × 107 working pixels of 30 m, less than one template of 112"):
        run(job(plain, method="psiam", model=path, pixel_size=30.0), NullReporter())


def test_deep_match(plain, model_file, deep_match):
    settings = {"method": "deepmatch", "model": model_file(deep_match), "spacing": 40}
    rows = run(job(plain, **settings), NullReporter())["rows"]
    assert len(rows) >= 8
    # So few samples teach no more than about where.
    found = np.median([(row["dx_m"], row["dy_m"]) for row in rows], axis=0)
    assert found == pytest.approx(SHIFT, abs=PIXEL)
    for row in rows:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=3 * PIXEL)
        assert 1 / 17**2 < row["score"] <= 1, "a share of all offsets that were looked at"


def test_ss_net(plain, model_file, monkeypatch):
    monkeypatch.setattr(ss_net, "_BLOCKS", ((2,), (2,), (2, 2), (2, 2), (2, 2)))
    path = model_file(transparent_ss_net())
    rows = run(job(plain, method="ssnet", model=path, spacing=64), NullReporter())["rows"]
    assert len(rows) >= 4
    # Codes tell only what is bright in 32 x 32 pixels.
    found = np.median([(row["dx_m"], row["dy_m"]) for row in rows], axis=0)
    assert found == pytest.approx(SHIFT, abs=PIXEL)
    assert all(0.9 < row["score"] <= 1 for row in rows), "a cosine"


def test_model_files_hold_what_was_saved(model_file, deep_match):
    psiam = transparent_psiam(64)
    for network, arguments in ((psiam, {"side": 64}), (deep_match, {})):
        _, networks = load_model(model_file(network, **arguments), "match")
        loaded = networks["match"]
        assert type(loaded) is type(network) and not loaded.training
        for name, tensor in network.state_dict().items():
            torch.testing.assert_close(loaded.state_dict()[name], tensor, atol=1e-3, rtol=1e-3)
    assert isinstance(psiam, PSiam) and load_model(model_file(psiam, side=64), "match")[1]["match"].side == 64
