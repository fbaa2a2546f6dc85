"""Where a match is tried: one candidate per cell of a lattice, so that points spread over the whole overlap."""

import torch
from torch.nn import functional as F

from ...models.goodness import PATCH, STRIDE, fuse, soft_non_maximum_suppression
from .matchers import goodness_image


def grid_candidates(side, spacing):
    """Return the centres of the cells of a block of `side` pixels: positions [N, 2] (col, row) within the block."""
    centres = torch.arange(spacing // 2, side, spacing)
    return torch.stack(torch.meshgrid(centres, centres, indexing="xy"), -1).reshape(-1, 2)


def corner_candidates(optical, side, spacing, margin):
    """Return, per cell, the pixel with the strongest corner (Shi and Tomasi: smaller eigenvalue of the structure tensor).

    optical [H, W] is the block with `margin` pixels around it. Returns positions [N, 2] within the block.
    """
    block = optical[margin - 4 : margin + side + 4, margin - 4 : margin + side + 4]
    dy, dx = torch.gradient(block)
    xx, yy, xy = (F.avg_pool2d(part[None], 7, stride=1)[0] for part in (dx * dx, dy * dy, dx * dy))
    strength = (xx + yy) / 2 - (((xx - yy) / 2).square() + xy.square()).sqrt()
    strength = strength[1 : side + 1, 1 : side + 1]
    return _best_of_cells(strength, spacing, step=1)[0]


def goodness_candidates(networks, sar, optical, side, spacing, margins, fusion):
    """Return, per cell, the most promising place by the goodness networks: (positions [N, 2] in the block, goodness [N]).

    sar, optical [H, W] are the block with `margins` = (sar, optical) pixels around it; `networks` = (sar, optical). The
    networks score every 32nd pixel; soft non-maximum suppression decides between neighbours (thesis §4.6, equation 2).
    """
    maps = []
    for network, area, margin in zip(networks, (sar, optical), margins):
        start, stop = margin - PATCH // 2, margin + side + PATCH // 2
        whole = -(-(stop - start) // STRIDE) * STRIDE
        patch = goodness_image(area[None, None, start:stop, start:stop])
        patch = F.pad(patch, (0, whole - (stop - start), 0, whole - (stop - start)), mode="replicate")
        maps.append(network(patch))
    goodness = fuse(*maps, fusion)
    suppressed = soft_non_maximum_suppression(goodness)[0, 0]
    cells = -(-side // STRIDE)
    positions, index = _best_of_cells(suppressed[:cells, :cells], spacing, step=STRIDE)
    return positions, goodness[0, 0, :cells, :cells].flatten()[index]


def _best_of_cells(values, spacing, step):
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
