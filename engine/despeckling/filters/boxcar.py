"""The mean of a square window: what multilooking does, without making the image smaller."""

from torch import Tensor
from torch.nn import functional as F

from .power_filter import PowerFilter


class Boxcar(PowerFilter):
    """The mean of 7 × 7 pixels: as smooth as can be, and as blurred."""

    reach = 3

    def _filter(self, power: Tensor) -> Tensor:
        side = 2 * self.reach + 1
        return F.avg_pool2d(F.pad(power, [self.reach] * 4, mode="replicate"), side, stride=1)
