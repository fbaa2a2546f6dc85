"""Where templates can be laid: a match needs data under its template in both images, and no more than that."""

from torch import Tensor
from torch.nn import functional as F

from ...models.matching.correlation import box_sum
from .acceptance import MOST_INVALID


def fits(valid: Tensor, half: int) -> Tensor:
    """Return where a template of 2 half pixels a side finds enough data in a mask [H, W]: bool [H + 1, W + 1].

    Index (row, col) is the corner of pixels that the template's centre lies on.
    """
    side = 2 * half
    invalid = box_sum((~valid)[None].float(), side, side)[0] / side**2
    return F.pad(invalid <= MOST_INVALID, (half,) * 4)


def any_within(where: Tensor, centres: Tensor, around: int) -> Tensor:
    """Return bool [N]: whether `where` [H, W] holds anywhere up to `around` cells from `centres` [N, 2] (col, row)."""
    count = box_sum(where[None].float(), 2 * around + 1, 2 * around + 1)[0]
    col, row = (centres - around).T
    return count[row, col] > 0
