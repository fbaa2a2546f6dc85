"""The benchmark of translators: tables hold trivial answers and models, and mean what they say."""

from pathlib import Path

import numpy as np
import pytest
import torch
from sarbridge.benchmarks.translation import fitted, model, table, trivial
from sarbridge.engine.training.checkpoint import save_checkpoint
from sarbridge.engine.training.pair import Pair
from sarbridge.models.translation.bridge_view import BridgeView
from sarbridge.tests.toy_translator import write_translator


def pair(seed, level):
    """A tile of 32 px: brighter radar is brighter in all bands."""
    random = np.random.default_rng(seed)
    ground = np.clip(level + 40 * random.standard_normal((1, 32, 32)), 0, 255)
    return Pair(
        f"s1s2_sen12/{seed:03d}",
        *(torch.from_numpy(each.astype(np.uint8)) for each in (ground, np.repeat(ground, 3, 0) / 2)),
    )


def test_a_regression_finds_the_rule_that_colours_follow():
    sets = [([pair(0, 90), pair(1, 140)], 1.0)]
    *rows, mean, against, worst = list(table([pair(2, 110)], trivial(fitted(sets))))[2:]
    cells = [cell.strip() for cell in mean.split("|")[2:-1]]
    assert len(rows) == 1 and rows[0].startswith("| 002 |") and "**mean of 1**" in mean
    assert cells[1] == "0.00 / 1.000" and cells[0] != cells[1] != cells[2]
    assert "+0.000" in against.split("|")[3]
    assert worst.split("|")[2:4] == [" +0 % ", " -100 % "]


def test_sets_count_by_their_shares():
    sets = [([pair(0, 60)], 0.75), ([pair(1, 180), pair(2, 180), pair(3, 180)], 0.25)]
    means = [np.mean([each.optical.numpy().mean((1, 2)) for each in pairs], 0) / 255 for pairs, _ in sets]
    assert fitted(sets).mean_colour == pytest.approx(0.75 * means[0] + 0.25 * means[1])


def test_a_model_file_is_what_users_get(tmp_path):
    image = model(Path(write_translator(tmp_path / "toy.safetensors")))(pair(0, 100))
    assert image.shape == (3, 32, 32) and image.min() > 0 and image.max() <= 1
    assert np.array_equal(image * 255, np.round(image * 255))


def test_a_checkpoint_gives_its_best_weights(tmp_path):
    torch.manual_seed(0)
    average, best = BridgeView(), BridgeView()
    parts = {"average translate": average.state_dict(), "best translate": best.state_dict()}
    save_checkpoint(tmp_path / "a.safetensors", parts, {})
    save_checkpoint(tmp_path / "b.safetensors", {"average translate": best.state_dict()}, {})
    with torch.no_grad():
        images = [model(tmp_path / name)(pair(0, 100)) for name in ("a.safetensors", "b.safetensors")]
    assert images[0].shape == (3, 32, 32) and np.array_equal(*images)
