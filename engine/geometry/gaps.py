"""Heights along lines, without gaps."""

import torch


def fill_gaps(height: torch.Tensor) -> torch.Tensor:
    """Return heights [L, N] with NaN replaced along each line: linearly between neighbours, the nearest at its ends.

    A line without any height is filled from the lines beside it in the same way. Without any height at all, all are 0.
    """
    along = _filled_along(height)
    return _filled_along(along.T).T.nan_to_num(0).contiguous() if along.isnan().any() else along


def _filled_along(height):
    """Heights [L, N] with NaN replaced along each line that has any height."""
    missing = height.isnan()
    if not missing.any():
        return height
    count = height.shape[1]
    index = torch.arange(count, device=height.device, dtype=torch.int32)
    first = torch.where(missing, count, index).amin(1, keepdim=True)
    last = torch.where(missing, -1, index).amax(1, keepdim=True)
    # Most lines lack their ends only, where they leave the map. One without any height keeps the NaN of its ends.
    first_height, last_height = (height.gather(1, end.long().clamp(0, count - 1)) for end in (first, last))
    filled = torch.where(index < first, first_height, torch.where(index > last, last_height, height))
    inner = missing & (index > first) & (index < last)
    return _filled_between(filled, inner) if inner.any() else filled


def _filled_between(height, inner):
    """Heights [L, N] with those that are `inner` replaced linearly between the nearest ones that are not."""
    count = height.shape[1]
    index = torch.arange(count, device=height.device).expand_as(height)
    before = torch.where(inner, -1, index).cummax(1).values
    after = torch.where(inner, count, index).flip(1).cummin(1).values.flip(1)
    share = (index - before) / (after - before).clamp_min(1)
    return torch.lerp(height.gather(1, before), height.gather(1, after), share.to(height.dtype))
