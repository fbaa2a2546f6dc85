"""Heights along lines without gaps."""

import pytest
import torch
from sarbridge.engine.geometry.gaps import fill_gaps


def test_gaps_are_filled_linearly_and_from_the_nearest_at_the_ends():
    nan = torch.nan
    lines = torch.tensor([[nan, 1, nan, nan, 4, nan], [nan] * 6, [0, 1, 2, 3, 4, 5.0], [nan] * 6])
    between, last = [0.5, 1, 2, 3, 4, 4.5], [0, 1, 2, 3, 4, 5]
    assert torch.equal(fill_gaps(lines), torch.tensor([[1, 1, 2, 3, 4, 4], between, last, last]))
    assert torch.equal(fill_gaps(lines[1::2]), torch.zeros(2, 6))


@pytest.mark.parametrize("ends_only", [True, False])
def test_what_is_known_stays_as_it_is(ends_only):
    line = torch.randn(4, 50, generator=torch.Generator().manual_seed(1))
    holed = line.clone()
    holed[1, :7] = holed[1, 40:] = holed[3, 49:] = torch.nan
    if not ends_only:
        holed[1, 20:23] = holed[2, 9] = torch.nan
    filled, known = fill_gaps(holed), torch.isfinite(holed)
    assert torch.equal(filled[known], line[known]) and torch.isfinite(filled).all()
    assert (filled[1, :7] == line[1, 7]).all() and (filled[1, 40:] == line[1, 39]).all()
