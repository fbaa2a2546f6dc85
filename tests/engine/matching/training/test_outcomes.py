"""What matchers make of samples: heat maps, patches, errors."""

import pytest
import torch
from sarbridge.engine.matching.training.outcomes import bridge_match_outcomes, corr_asl_outcomes
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both
from sarbridge.tests.engine.matching.training.transparent_corr_asl import transparent_corr_asl
from sarbridge.tests.tiny_bundle import tiny_bridge_match

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def sets():
    return [([same_in_both()], 1.0)]


def test_outcomes_of_corr_asl_that_is_right(sets):
    """A sure, right match is good for the goodness networks."""
    outcomes, loss = corr_asl_outcomes(transparent_corr_asl(), sets, 2, 1, (0.0, 255.0), CPU, batch=2)
    assert outcomes.heat.shape == (2, 65, 65) and outcomes.sar.shape == outcomes.optical.shape == (2, 128, 128)
    assert outcomes.error.max() <= 2
    assert loss.shape == (2,) and (loss >= 0).all()


def test_outcomes_of_bridge_match(sets):
    outcomes = bridge_match_outcomes(tiny_bridge_match(), sets, count=16, seed=1, device=CPU, batch=8)
    assert outcomes.heat.shape == (16, 65, 65) and outcomes.error.shape == (16,)
    assert outcomes.sar.shape == outcomes.optical.shape == (16, 128, 128)
    assert outcomes.sar.min() >= 0 and outcomes.sar.max() <= 1
    assert (outcomes.error < 2).any()
