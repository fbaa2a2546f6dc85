"""Where a match is tried: one candidate per cell of a lattice, so that points spread over the whole overlap.

Candidates by goodness after L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery",
dissertation, Technische Universität München, 2020 ("Hughes 2020"), §4.6, section 2.1 of the paper there.
"""

from typing import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from ...models.matching.bridge_match import LocalContrast
from ...models.matching.goodness import PATCH, STRIDE, GoodnessNet, fuse, soft_non_maximum_suppression
from ..inference.area_network import AreaNetwork
from ..reporting import Reporter
from .blocks import Area

_HALO = 2 * STRIDE
"""Rows above and below a strip of patches that their goodness depends on: 54 (`GoodnessNet`), in whole strides."""

_AROUND = STRIDE + _HALO
"""Pixels around a block whose places are scored too: neighbours, and what their networks see."""

GOODNESS_MARGIN = PATCH // 2 + _AROUND
"""Pixels around a block that candidates by goodness need."""


def grid_candidates(side: int, spacing: int) -> Tensor:
    """Return the centres of the cells of a block of `side` pixels: positions [N, 2] (col, row) within the block."""
    centres = torch.arange(spacing // 2, side, spacing)
    return torch.stack(torch.meshgrid(centres, centres, indexing="xy"), -1).reshape(-1, 2)


def corner_candidates(optical: Area, side: int, spacing: int) -> Tensor:
    """Return, per cell, the pixel with the strongest corner: positions [N, 2] (col, row) within the block.

    The smaller eigenvalue of the structure tensor (J. Shi and C. Tomasi, "Good Features to Track", CVPR 1994).
    """
    dy, dx = torch.gradient(optical.around_block(side, 4))
    xx, yy, xy = (F.avg_pool2d(part[None], 7, stride=1)[0] for part in (dx * dx, dy * dy, dx * dy))
    strength = (xx + yy) / 2 - (((xx - yy) / 2).square() + xy.square()).sqrt()
    strength = strength[1 : side + 1, 1 : side + 1]
    return _best_of_cells(strength, spacing, step=1)[0]


def goodness_image(images: Tensor) -> Tensor:
    """Return grey images [N, 1, H, W] as the goodness networks see them: their local contrast, in 0..1."""
    return LocalContrast()(images) / 6 + 0.5


def goodness_network(network: GoodnessNet, device: torch.device, reporter: Reporter) -> AreaNetwork:
    """Return a `GoodnessNet` as `goodness_candidates` asks for it: on the device, for areas of any size."""
    return AreaNetwork(network, device, reporter, step=STRIDE, height=PATCH, halo=_HALO)


def goodness_candidates(
    networks: tuple[Callable[[Tensor], Tensor], Callable[[Tensor], Tensor]],
    sar: Area,
    optical: Area,
    side: int,
    ends: tuple[int, int, int, int],
    spacing: int,
    fusion: str,
) -> tuple[Tensor, Tensor]:
    """Return, per cell, the place that the goodness networks promise most of: (positions [N, 2], goodness [N]).

    Positions lie within the block; `networks` = (sar, optical). `ends`: (left, top, right, bottom) of the grid as
    positions within the block. `fusion`: "min" or "max". The networks score every 32nd pixel, of the block and of what
    lies around it, so that it does not matter where blocks begin; soft non-maximum suppression decides between
    neighbours (Hughes 2020, §4.6, equation 2). Outside of the grid goodness is 0.
    """
    maps = []
    for network, area in zip(networks, (sar, optical)):
        image = goodness_image(area.around_block(side, GOODNESS_MARGIN)[None, None])
        missing = -side % STRIDE
        maps.append(network(F.pad(image, (0, missing, 0, missing), mode="replicate")))
    goodness = fuse(*maps, fusion)
    left, top, right, bottom = ends
    row, col = (STRIDE * torch.arange(size, device=goodness.device) - _AROUND for size in goodness.shape[-2:])
    goodness = goodness * (((row >= top) & (row < bottom))[:, None] & (col >= left) & (col < right))
    suppressed = soft_non_maximum_suppression(goodness)[0, 0]
    own = slice(_AROUND // STRIDE, _AROUND // STRIDE + -(-side // STRIDE))
    positions, index = _best_of_cells(suppressed[own, own], spacing, step=STRIDE)
    return positions, goodness[0, 0, own, own].flatten()[index]


def _best_of_cells(values: Tensor, spacing: int, step: int) -> tuple[Tensor, Tensor]:
    """Per spacing x spacing cell, the position (col, row) and flat index of the highest of values [h, w] in it.

    Value (i, j) sits at pixel (step * i, step * j).
    """
    rows, cols = values.shape
    row = step * torch.arange(rows) // spacing
    col = step * torch.arange(cols) // spacing
    cell = (row[:, None] * (int(col.max()) + 1) + col[None, :]).flatten()
    best = torch.full((int(cell.max()) + 1,), -torch.inf).scatter_reduce(0, cell, values.flatten().cpu(), "amax")
    is_best = values.flatten().cpu() == best[cell]
    # The first of equals: later writes must not win.
    index = torch.full(best.shape, values.numel()).scatter_reduce(
        0, cell[is_best], torch.nonzero(is_best)[:, 0], "amin"
    )
    index = index[torch.isfinite(best)]
    return step * torch.stack((index % cols, index // cols), 1), index
