"""The comparison of negatives: rates by hand, and all of it on something tiny."""

import numpy as np
import pytest
import torch
from sarbridge.benchmarks.hard_negatives import Budget, Judged, compare, rates_of
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both

pytestmark = pytest.mark.usefixtures("one_thread")


def test_rates_by_hand():
    """Thresholds come from the first pairs: 0.5 is best there, 0.9 lets 5 % of twenty pass."""
    tuned = Judged(
        np.array([0.6, 0.7, 0.8, 0.95, *np.linspace(0.1, 0.5, 18), 0.9, 0.99]), np.array([True] * 4 + [False] * 20)
    )
    tested = Judged(np.array([0.4, 0.6, 0.92, 0.97, 0.3, 0.45, 0.55, 0.91]), np.array([True] * 4 + [False] * 4))
    rates = rates_of(tuned, tested)
    assert (rates.precision, rates.recall, rates.its_false) == (3 / 5, 3 / 4, 2 / 4)
    assert rates.best == 5 / 8 and rates.at_few_false == 5 / 8  # at 0.9: 0.92 and 0.97 found, 0.91 is false
    by_pairs = [(a > b) for a in tested.scores[:4] for b in tested.scores[4:]]
    assert rates.area == pytest.approx(np.mean(by_pairs))


def test_everything_is_compared_and_goes_on(tmp_path):
    pair, few = same_in_both(256, 256), same_in_both(96, 64)
    budget = Budget(side=32, steps=1, batch=4, faster=2, vae_side=8, vae_steps=1, vae_batch=4, vae_width=8)
    given = [pair], [few], [few], budget, tmp_path, torch.device("cpu"), NullReporter()
    rows = compare(*given)
    assert list(rows) == [
        "random",
        "nearest",
        "traditional_hard",
        "fine_tuning_generated",
        "fine_tuning_concatenated",
        "from_scratch_generated",
        "from_scratch_concatenated",
    ]
    assert all(0 <= share <= 1 for rates in rows.values() for share in rates)
    assert len(list(tmp_path.glob("*.safetensors"))) == 8
    assert compare(*given) == rows, "checkpoints of trainings that are over"
