"""The benchmark of published translators: who is compared, what is learnt from, and what the tables say."""

import numpy as np
import pytest
import torch
from sarbridge.benchmarks import published_translators
from sarbridge.benchmarks.published_translators import (
    IN_LOS_ANGELES,
    IN_MOUNTAINS,
    SIDE,
    Contestant,
    Ground,
    contest,
    table,
)
from sarbridge.benchmarks.translation_sheet import draw_sheet
from sarbridge.engine.geometry import range_lines
from sarbridge.engine.training.pair import Pair
from sarbridge.engine.translation.training.curricula import CURRICULA


@pytest.fixture
def pair():
    random = np.random.default_rng(4)
    sar, optical = (torch.from_numpy(random.integers(1, 255, (n, SIDE, 2 * SIDE), np.uint8)) for n in (2, 3))
    return Pair("place", sar, optical, torch.arange(2.0 * SIDE).expand(1, SIDE, -1))


def ground(pair, zones=None, contestants=()):
    return Ground("somewhere", [([pair], 1.0)], [(pair, zones)], ("VV", "VH"), contestants, step=SIDE)


def test_all_methods_are_compared():
    assert {each.method for each in (*IN_LOS_ANGELES, *IN_MOUNTAINS)} == set(CURRICULA)


def test_zones_and_seeds_have_their_own_figures(pair):
    zones = np.zeros((SIDE, 2 * SIDE), np.uint8)
    zones[:, :SIDE] = range_lines.SHADOW
    truth = pair.optical.numpy() / np.float32(255)
    wrong = truth.copy()
    wrong[:, :, :SIDE] += 0.1
    header, _, right, both = table(
        ground(pair, zones), {"right": [lambda _: truth], "both": [lambda _: truth, lambda _: wrong]}
    )
    cells = {name.strip(): cell.strip() for name, cell in zip(header.split("|"), both.split("|"))}
    assert cells["seeds"] == "2" and cells["undistorted"].startswith("0.00 ± 0.00 / 1.000")
    assert cells["shadow"].startswith("0.50 ± 0.71 / ") and cells["all"].startswith("0.25 ± 0.35 / ")
    assert "0.00 / 1.000 / -" in right, "nothing differs: there is no PSNR"


def test_contestants_learn_and_translate(pair, tmp_path, monkeypatch):
    monkeypatch.setattr(published_translators, "SEEDS", {"bridgeview": 2})
    contestants = (Contestant("BridgeView with heights", "bridgeview", True),)
    place = ground(pair, contestants=contestants)
    [(name, translators)] = contest(place, 8, tmp_path).items()
    images = [translate(pair) for translate in translators]
    assert name == "BridgeView with heights" and len(images) == 2 and not np.array_equal(*images)
    assert all(image.shape == pair.optical.shape and 0 <= image.min() < image.max() <= 1 for image in images)
    kept = sorted(path.name for path in tmp_path.iterdir())
    assert kept == [f"bridgeview_heights_2_{seed}_8.safetensors" for seed in (1, 2)]
    again = contest(place, 8, tmp_path)[name]
    assert np.array_equal(again[0](pair), images[0]), "what was learnt is kept"
    draw_sheet(tmp_path / "sheet.png", pair, {name: again[0]})
    assert (tmp_path / "sheet.png").stat().st_size > 10_000
