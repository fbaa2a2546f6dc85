"""The refined Lee filter: local statistics are taken on that side of an edge on which the pixel lies.

After J. S. Lee, "Refined filtering of image noise using local statistics", Computer Graphics and Image Processing
15 (4), 1981: a window of 7 × 7 pixels, means of nine 3 × 3 windows in it, four directions of edges, two sides of each.
As in later uses for SAR, every pixel counts as one beside an edge, and speckle is known by its number of looks.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from .power_filter import PowerFilter, least_squares

_TOWARDS = ((0, -1), (-1, 0), (-1, -1), (-1, 1))
"""(row, column) from the middle to one side of each direction of edge; the other side lies opposite."""

_AROUND = [(row, col) for row in (-1, 0, 1) for col in (-1, 0, 1)]


class RefinedLee(PowerFilter):
    """Refined Lee filter of 7 × 7 pixels for images of so many `looks` (equivalent number)."""

    reach = 3

    def __init__(self, looks: float) -> None:
        super().__init__()
        self._noise_variance = 1 / looks
        self.register_buffer("_sides", _sides(self.reach), persistent=False)

    def _filter(self, power: Tensor) -> Tensor:
        wide = F.pad(power, [self.reach] * 4, mode="replicate")
        chosen = _side_of_edge(F.avg_pool2d(wide, 3, stride=1))
        mean, mean_square = (F.conv2d(each, self._sides).gather(1, chosen) for each in (wide, wide.square()))
        return least_squares(power, mean, mean_square, self._noise_variance)


def _sides(reach):
    """Return the means of the eight half windows as weights [8, 1, side, side]; the edge itself belongs to both."""
    places = torch.arange(-reach, reach + 1)
    inward = torch.stack([row * places[:, None] + col * places for row, col in _TOWARDS])
    sides = torch.cat([inward >= 0, inward <= 0]).float()
    return (sides / sides.sum((1, 2), keepdim=True))[:, None]


def _side_of_edge(means):
    """Means of 3 × 3 pixels, [N, 1, H + 4, W + 4] -> number of the half window [N, 1, H, W]."""
    height, width = means.shape[-2] - 4, means.shape[-1] - 4

    def at(row, col):
        return means[..., 2 + 2 * row : 2 + 2 * row + height, 2 + 2 * col : 2 + 2 * col + width]

    steps, on_second_side = [], []
    for row, col in _TOWARDS:
        first = [place for place in _AROUND if row * place[0] + col * place[1] > 0]
        steps.append(sum(at(*place) - at(-place[0], -place[1]) for place in first).abs())
        on_second_side.append((at(row, col) - at(0, 0)).abs() > (at(-row, -col) - at(0, 0)).abs())
    edge = torch.cat(steps, 1).argmax(1, keepdim=True)
    return edge + len(_TOWARDS) * torch.cat(on_second_side, 1).gather(1, edge)
