"""Walls of a surface model: steps between neighbouring cells that stand upright, on the border between the two.

`wall`: metres above which a step is one; `math.inf` where cells are too coarse to hold any (`facades.lowest_wall`).
"""

import torch


def beside(before: torch.Tensor, after: torch.Tensor, share: torch.Tensor, wall: float) -> torch.Tensor:
    """Return what lies between two neighbouring cells, at a `share` (0..1) of the way from the one to the other.

    A slope, or the nearer one where they are the foot and the top of a wall, or where one is unknown (NaN).
    """
    slopes = (after - before).abs_() <= wall  # never where one is NaN
    return torch.where(slopes, torch.lerp(before, after, share), torch.where(share < 0.5, before, after))


def halved(values: torch.Tensor, wall: float) -> torch.Tensor:
    """Return values [H, W] in rows of half the height, [2 H, W]; the first and the last go on as level ground."""
    above, below = torch.cat((values[:1], values)), torch.cat((values, values[-1:]))
    upper, lower = (
        beside(above[part], below[part], torch.tensor(share, dtype=values.dtype, device=values.device), wall)
        for part, share in ((slice(-1), 0.75), (slice(1, None), 0.25))
    )
    return torch.stack((upper, lower), 1).flatten(0, 1)
