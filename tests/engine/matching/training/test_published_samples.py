"""Published samples: geometry, true cells, variation."""

import pytest
import torch
from sarbridge.engine.matching.training import published_samples
from sarbridge.engine.matching.training.published_samples import PublishedSampler, true_cells
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both


@pytest.fixture(scope="module")
def sets():
    return [([same_in_both()], 1.0)]


def test_the_template_lies_where_the_sample_says(sets):
    """The texture is the same in both modalities, so the optical patch can be looked up in the search window."""
    sample = PublishedSampler(sets).draw(12, torch.Generator().manual_seed(3))
    assert sample.shift.unique(dim=0).shape == (12, 2) and 25 < sample.shift.abs().max() <= 32
    for sar, optical, (right, down) in zip(sample.sar, sample.optical, sample.shift.tolist()):
        assert torch.equal(sar[:, 56 + down : 200 + down, 56 + right : 200 + right], optical.mul(255).round())


def test_true_cells_by_hand():
    shift = torch.tensor([[0, 0], [-32, 32], [1, -1], [3, 5]])
    assert true_cells(shift).tolist() == [[32, 32], [48, 16], [32, 32], [34, 34]]


def test_variation_stays_within_its_bounds():
    generator = torch.Generator().manual_seed(0)
    varied = published_samples.vary_patches(torch.ones(400, 1, 32, 32), generator).flatten(1)
    gain = varied.amax(1)
    assert (
        0.7 <= gain.min() < 0.75
        and 1.25 < gain.max() <= 1.3
        and (gain == 1).float().mean() == pytest.approx(0.3, abs=0.07)
    )
    assert 0.01 < (varied == 0).float().mean() < 0.04
    heat = published_samples.vary_heat(torch.ones(8, 1, 129, 129), generator)
    assert heat.shape == (8, 1, 129, 129) and heat.max() <= 1.0001
