"""Running water on a lattice of heights [n, n]: where it flows, what it carves, where the main stream is.

Steepest descent to one of eight neighbours and incision by the drop times the root of the catchment (stream power law,
Howard 1994), without uplift; the rim stays.
"""

import torch
import torch.nn.functional as F

_NEIGHBOURS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if (down, right) != (0, 0)]
_INCISION, _CREEP = 0.06, 0.04  # shares of the drop and of the curvature per step; our choice
_LEAST_DROP = 0.02  # metres from node to node along which filled ground still drains


def fill_pits(height: torch.Tensor) -> torch.Tensor:
    """Return heights [n, n] raised so that water leaves every node towards the rim (Planchon and Darboux 2002)."""
    filled = torch.full_like(height, torch.inf)
    rim = _rim(height)
    while True:
        before = filled
        for _ in range(16):
            lowest = -F.max_pool2d(-filled[None], 3, 1, 1)[0]
            filled = torch.where(rim, height, torch.maximum(height, lowest + _LEAST_DROP).minimum(filled))
        if torch.equal(before, filled):
            return filled


def eroded(height: torch.Tensor) -> torch.Tensor:
    """Return heights [n, n] after one step of incision and creep."""
    receiver, drop = _receivers(height)
    cut = (_INCISION * _catchment(receiver).sqrt()).clamp_max(0.9) * drop
    padded = F.pad(height[None, None], (1, 1, 1, 1), mode="replicate")[0, 0]
    around = (padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]) / 4
    return torch.where(_rim(height), height, height - cut + _CREEP * (around - height))


def main_stream(height: torch.Tensor, rim: int, generator: torch.Generator) -> torch.Tensor:
    """Return the course [3, P] (x, y in nodes, height) of one of the larger streams, from its source to the rim.

    height: without pits. It is a stream that flows somewhere farther than `rim` nodes from the border.
    """
    receiver, _ = _receivers(height)
    catchment = _catchment(receiver)
    inner = catchment[rim:-rim, rim:-rim]
    largest = inner.flatten().topk(inner.numel() // 50).indices
    chosen = int(largest[torch.randint(len(largest), (1,), generator=generator, device=height.device)])
    side = height.shape[1]
    node = (chosen // inner.shape[1] + rim) * side + chosen % inner.shape[1] + rim
    receivers, sizes = receiver.flatten().tolist(), catchment.flatten().tolist()
    course = _upstream(node, receivers, sizes, side)
    while node < len(receivers):  # the rim flows into a node beyond the last
        course.append(node)
        node = receivers[node]
    nodes = torch.tensor(course, device=height.device)
    return torch.stack((nodes % side, nodes // side, height.flatten()[nodes])).float()


def _upstream(node, receivers, sizes, side):
    """The nodes above `node`, from the source down: at each confluence the larger branch."""
    course = []
    while True:
        around = [node + down * side + right for down, right in _NEIGHBOURS]
        donors = [place for place in around if 0 <= place < len(receivers) and receivers[place] == node]
        if not donors:
            return course[::-1]
        node = max(donors, key=lambda place: sizes[place])
        course.append(node)


def _rim(height):
    return F.pad(torch.zeros_like(height, dtype=torch.bool)[1:-1, 1:-1], (1, 1, 1, 1), value=True)


def _receivers(height):
    """Number of the node that each flows to, int64 [n, n] (n² for the rim and for pits), and the drop in metres."""
    rows, cols = height.shape
    padded = F.pad(height, (1, 1, 1, 1), value=torch.inf)
    drops = torch.stack(
        [height - padded[1 + down : 1 + down + rows, 1 + right : 1 + right + cols] for down, right in _NEIGHBOURS]
    )
    lengths = torch.tensor([(down**2 + right**2) ** 0.5 for down, right in _NEIGHBOURS], device=height.device)
    steepest = (drops / lengths[:, None, None]).argmax(0)
    offsets = torch.tensor([down * cols + right for down, right in _NEIGHBOURS], device=height.device)
    node = torch.arange(rows * cols, device=height.device).reshape(rows, cols)
    drop = drops.gather(0, steepest[None])[0]
    ends = _rim(height) | (drop <= 0)
    return torch.where(ends, rows * cols, node + offsets[steepest]), drop.masked_fill(ends, 0)


def _catchment(receiver):
    """How many nodes drain through each, itself included, float [n, n]; paths are followed in doubling strides."""
    ends = receiver.numel()
    target = F.pad(receiver.flatten(), (0, 1), value=ends)
    total = F.pad(torch.ones(ends, device=receiver.device), (0, 1))
    for _ in range(9):  # strides up to 2^9 nodes
        total = total.scatter_add(0, target, total)
        total[ends] = 0
        target = target[target]
    return total[:-1].reshape(receiver.shape)
