"""What users get of a model file, for pairs of one band or two, with heights or without."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.training.pair import Pair
from sarbridge.engine.translation.methods import NETWORK
from sarbridge.models.model_file import load_model
from sarbridge.recipes.translation.by_task import quality_by_task, translated_by_task, write_validated
from sarbridge.tests.toy_translator import write_translator

SARDINET_L = {"sar_bands": 2, "fusion": "late", "widths": [4, 8, 12, 16, 8, 4]}
TILING = {"side": 160, "halo": 48, "step": 8}


@pytest.fixture
def pair():
    random = np.random.default_rng(5)
    sar, optical = (torch.from_numpy(random.integers(1, 255, (count, 64, 64), np.uint8)) for count in (2, 3))
    return Pair("place", sar, optical, torch.arange(64.0).expand(1, 64, -1))


def test_bands_and_heights_reach_the_network(pair, tmp_path):
    model = write_translator(tmp_path / "toy.safetensors", "SARDINet", SARDINET_L, heights=True, tiling=TILING)
    colours = translated_by_task(model, pair, ("VV", "VH"), with_heights=True)
    assert colours.shape == (3, 64, 64) and np.array_equal(255 * colours, np.round(255 * colours))
    with pytest.raises(UserError, match="needs heights"):
        translated_by_task(model, pair, ("VV", "VH"))


def test_the_name_tells_the_polarisation_of_a_single_band(pair, tmp_path):
    model = write_translator(tmp_path / "toy.safetensors")
    one = Pair("s1s2_los_angeles/001", pair.sar[:1], pair.optical)
    assert np.array_equal(translated_by_task(model, one), translated_by_task(model, one, ("VH",)))
    assert not np.array_equal(translated_by_task(model, one), translated_by_task(model, one, ("VV",)))
    colours = translated_by_task(model, one)
    said = quality_by_task(model, [one, one])
    assert said["tiles"] == 2 and said["mse"] == pytest.approx(
        float(((colours - one.optical.numpy() / 255) ** 2).mean()), abs=1e-5
    )


def test_a_card_says_what_its_own_network_reached(pair, tmp_path, capsys):
    """It is scored as the file that users get, which says nothing of itself by then."""
    card, networks = load_model(write_translator(tmp_path / "toy.safetensors"), NETWORK)
    one, seen = Pair("s1s2_los_angeles/001", pair.sar[:1], pair.optical), []

    def validated(path):
        seen.append(load_model(path, NETWORK)[0].validation)
        return {"place": quality_by_task(path, [one])}

    output = tmp_path / "out.safetensors"
    write_validated(output, networks[NETWORK], lambda _, validation: replace(card, validation=validation), validated)
    reached = {"place": quality_by_task(output, [one])}
    assert seen == [{}] and load_model(output, NETWORK)[0].validation == reached
    assert json.loads(capsys.readouterr().out) == reached
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.safetensors", "toy.safetensors"]
