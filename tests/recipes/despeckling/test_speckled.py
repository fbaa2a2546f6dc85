"""Speckled patches: what is shown and what it is judged by have the same mean, whatever varies."""

import pytest
import torch
from sarbridge.engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD, TERRASARX_SPOTLIGHT
from sarbridge.recipes.despeckling.speckled import Scenes, Speckled

COMPLEX = Scenes([torch.full((256, 300), 0.1)], TERRASARX_SPOTLIGHT)
DETECTED = Scenes([torch.full((256, 300), 0.1)], SENTINEL1_IW_GRD)


def drawn(scenes, looks=None, count=24, seed=0):
    return Speckled([scenes], 96, looks).draw(0, count, torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("scenes", "looks", "shown"), [(COMPLEX, None, 1.0), (DETECTED, (1.0, 6.0), 2.0)])
def test_what_is_shown_and_what_is_known_agree(scenes, looks, shown):
    """One part of a complex image has half of the reflectivity for its mean, and so has what it is judged by."""
    batch = drawn(scenes, looks)
    assert batch.seen.shape == batch.unseen.shape == (24, 1, 96, 96)
    quotient = (batch.seen / batch.unseen).mean((1, 2, 3))
    assert float(quotient.mean()) == pytest.approx(shown, rel=0.03)


def test_one_part_varies_as_squared_gaussians_do():
    batch = drawn(COMPLEX, count=60)
    plain = (batch.seen / batch.unseen)[batch.unseen.std((1, 2, 3)) < 1e-3 * batch.unseen.mean((1, 2, 3))]
    assert len(plain) > 5
    assert float(plain.var()) == pytest.approx(2, rel=0.1)  # of chi-squared with one degree of freedom, mean 1


def test_a_batch_depends_on_its_generator_alone():
    one, again, other = drawn(COMPLEX), drawn(COMPLEX), drawn(COMPLEX, seed=1)
    torch.testing.assert_close(one, again)
    assert not torch.equal(one.seen, other.seen)
