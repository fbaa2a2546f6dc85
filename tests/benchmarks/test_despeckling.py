"""The benchmark of despeckling on something small: its measures, its scenes, and a peer that is a script."""

import sys
from argparse import Namespace
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from sarbridge.benchmarks import despeckling, despeckling_speed
from sarbridge.benchmarks.despeckling_crops import CROPS
from sarbridge.benchmarks.despeckling_measures import smoothness_of
from sarbridge.benchmarks.despeckling_ways import LEVELS, Peer, by_task, centred, gain_to
from sarbridge.engine.despeckling.filters.boxcar import Boxcar
from sarbridge.engine.despeckling.methods import NETWORK
from sarbridge.models.despeckling.merlin import Merlin
from sarbridge.models.model_file import save_model
from sarbridge.models.networks import network_entries
from sarbridge.recipes.despeckling.fidelity import decibel_range, fidelity
from sarbridge.recipes.despeckling.invented import invented
from sarbridge.recipes.despeckling.reflectivities import RADARS
from sarbridge.recipes.despeckling.ship_despecklers import PRODUCTS, card_of
from sarbridge.recipes.kept import Kept, kept
from sarbridge.tests.benchmarks.test_inference import rows
from sarbridge.tests.engine.despeckling.simulated_slc import shifted, simulated

PEER = """
import sys
from pathlib import Path
import numpy as np
sensor, centring, inputs, outputs = sys.argv[1:]
assert sensor == "stripmap" and centring in ("own", "none")
print("some of its chatter")
for path in Path(inputs).glob("*.npy"):
    amplitude = np.abs(np.load(path))
    wrong = abs(np.log(amplitude[amplitude > 0]).mean() - 6)
    np.save(Path(outputs) / path.name, (amplitude * np.exp(wrong)).astype(np.float32))
print(1.25)
"""
"""A peer that gives images back, and is right at the level of 6 alone."""


@pytest.fixture
def peer(tmp_path):
    script = tmp_path / "peer.py"
    script.write_text(PEER, encoding="utf-8")
    return Peer([sys.executable, str(script)])


@pytest.fixture
def model(tmp_path):
    """A tiny Merlin that has learnt nothing."""
    torch.manual_seed(0)
    network = Merlin(2, 3)
    product = next(each for each in PRODUCTS if each.network is Merlin)
    card = card_of(product, network, {})
    entries = network_entries({NETWORK: network}, {NETWORK: {"levels": 2, "width": 3}})
    tiling = {"side": 160, "halo": network.unet.reach, "step": network.unet.stride}
    path = tmp_path / "tiny.safetensors"
    save_model(path, replace(card, networks=entries, tiling=tiling), {NETWORK: network})
    return path


def gamma(looks, shape=(2, 128, 128), seed=0):
    return np.random.default_rng(seed).standard_gamma(looks, shape).astype(np.float32) / looks


def landscape(side=64):
    """A power [1, side, side] between 0 and 20 dB."""
    return 10 ** np.linspace(0, 2, side * side).reshape(1, side, side)


def test_an_image_that_is_one_decibel_too_bright():
    truth = landscape()
    within = decibel_range(truth)
    assert within == pytest.approx((0.02, 19.98), abs=0.01)
    found = fidelity(1.2589254 * truth, truth, within)
    assert found.bias == pytest.approx(1, abs=1e-4)
    assert found.psnr == pytest.approx(20 * np.log10(19.96), abs=0.01), "an error of 1 dB everywhere"
    assert 0.5 < found.ssim < 1 and fidelity(truth * 1.001, truth, within).ssim > 0.99
    assert fidelity(truth * gamma(1, truth.shape), truth, within).ssim < 0.5


def test_what_is_taken_off_is_measured_on_blocks_chosen_before():
    before = gamma(2)
    measure = smoothness_of(before, 2, blocks=10)
    found = measure(gamma(30, seed=1))
    assert found.looks == pytest.approx(30, rel=0.1)
    clean = measure(np.full_like(before, 2))
    assert np.isinf(clean.looks) and clean.mean == pytest.approx(0.5, rel=0.02)
    assert measure(np.ones_like(before)).variance == pytest.approx(0.5, rel=0.05)
    assert smoothness_of(before[:, :20, :20], 2, blocks=10)(before[:, :20, :20]).looks is None, "smaller than a block"


def test_invented_images_vary_about_what_is_expected(tmp_path):
    for seed, shape in enumerate([(90, 130), (120, 100)]):
        decibels = torch.linspace(-10, 10, shape[1]).expand(shape).half()
        path = tmp_path / "reflectivities" / "sentinel1_grd" / f"{seed:05}.safetensors"
        kept(path, partial(Kept, {"decibels": decibels}))
    scenes = invented(tmp_path, "sentinel1_grd", 2)
    assert scenes.singles.shape == (2, 5, 90, 100) and scenes.looks == RADARS["sentinel1_grd"].preset.looks
    ratio = scenes.intensity / scenes.expected
    assert ratio.mean() == pytest.approx(1, abs=0.03) and ratio.var() == pytest.approx(1 / 4.4, rel=0.1)
    assert np.corrcoef(np.log(scenes.expected[0, 45]), np.arange(100))[0, 1] > 0.99, "cut from the middle"


def test_the_task_gives_power_of_complex_and_of_detected_images():
    image = simulated(height=64, width=80)
    power = np.abs(image) ** 2
    wanted = Boxcar()(torch.from_numpy(power)[None])[0].numpy()
    for given in (image, power):
        quotient = by_task(given, "boxcar") / wanted
        assert quotient.shape == (1, 64, 80)
        assert np.allclose(quotient[:, 3:-3, 3:-3], 1, rtol=1e-3), "but for the rim, where the task mirrors"


def test_images_for_the_peer_are_centred_as_those_for_networks():
    image = shifted(simulated(), across=0.2, down=-0.1)
    phases = [np.angle((each[0, :, 1:] * each[0, :, :-1].conj()).sum()) for each in (image, centred(image))]
    assert phases[0] == pytest.approx(0.2 * 2 * np.pi, abs=0.05) and phases[1] == pytest.approx(0, abs=0.05)
    assert np.allclose(np.abs(centred(image)), np.abs(image), rtol=1e-4)


def test_a_peer_is_shown_what_it_knows_and_its_calibration_is_undone(peer):
    images = simulated(height=40, width=50)
    assert np.log(np.abs(images * gain_to(6, images))).mean() == pytest.approx(6, abs=1e-5)
    score = lambda power: -abs(np.mean(np.abs(images) ** 2 / power) - 1)  # noqa: E731
    assert 6 in LEVELS and peer.best_level(images, "stripmap", score) == 6
    assert np.allclose(peer.at_level(images, "stripmap", "none", 6), np.abs(images) ** 2, rtol=1e-3)
    assert np.allclose(peer.at_level(images, "stripmap", "none", 5), np.e**2 * np.abs(images) ** 2, rtol=1e-3)
    assert peer.clean(images, "stripmap", "own")[1] == 1.25


def test_all_ways_stand_in_a_table():
    truth = landscape(128)
    before = truth * gamma(1, truth.shape)
    table = despeckling.simulated_table("a radar", truth, before, 1, [("brighter", 2 * truth), ("darker", truth / 2)])
    first, brighter, darker = rows(table)
    assert float(first[3]) == pytest.approx(-2.51, abs=0.2), "the mean logarithm of speckle of one look"
    assert brighter[3] == "+3.01" and darker[3] == "-3.01" and brighter[1] == darker[1]
    assert float(darker[5]) == pytest.approx(4 * float(brighter[5]), rel=0.01)


def test_each_crop_is_tried_with_sensors_that_there_are():
    assert set(despeckling.SUITED) == set(CROPS)
    assert {sensor for sensors in despeckling.SUITED.values() for sensor in sensors} == set(despeckling.SENSORS)
    files = {product.file for product in PRODUCTS}
    assert files >= set(despeckling.SENSORS.values()) and set(despeckling.SENSORS) < set(RADARS)
    assert set(despeckling.DETECTED) < set(RADARS)


def test_without_data_there_are_no_crops():
    assert list(despeckling.crop_tables(Namespace(data=None))) == []


def test_a_run_stands_beside_its_network_and_a_peer(peer, model):
    (row,) = rows(despeckling_speed.speed_table("stripmap", model, peer, 128, rounds=1))
    assert row[0] == "stripmap" and row[7:9] == ["1.2", f"{1.25 / 0.016384:.1f}"] and float(row[5]) > 0
    assert float(row[9]) == pytest.approx(1.25 / float(row[4]), rel=0.1)
