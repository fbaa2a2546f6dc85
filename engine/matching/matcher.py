"""What every matching method offers: areas are described once, then templates cut from them are correlated."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Tensor

TEMPLATE = 128
"""Side in pixels of templates, where a method does not ask for others."""


class Matcher(ABC):
    """A method that looks for optical templates in SAR search windows.

    Areas and windows are on one pixel grid. A method that needs networks gets them where it is made.
    """

    template_side: int = TEMPLATE
    """Side in pixels of its templates; even. A method whose networks differ in it sets it where it is made."""

    smallest_reach: ClassVar[int] = 0
    """Search windows are at least so many pixels larger than templates on each side, whatever offsets are asked for."""

    margin: ClassVar[int] = 0
    """Pixels at the border of an area that its description cannot be trusted in."""

    def reach(self, max_shift: int) -> int:
        """Return how many pixels larger than templates search windows are on each side, for offsets of ±max_shift."""
        return max(max_shift, self.smallest_reach)

    def search_side(self, max_shift: int) -> int:
        """Return the side in pixels of search windows for offsets of ±max_shift."""
        return self.template_side + 2 * self.reach(max_shift)

    @abstractmethod
    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        """Turn two areas into the feature maps that templates and search windows are cut from, (SAR, optical).

        sar [H, W]: dB, or the grey values of an 8-bit rendering; optical [h, w]: grey, 0 to 1. Both are float32,
        without gaps, on the device of the run, and wider by `margin` on every side than what is matched. Returns
        [C, H, W] and [C, h, w].
        """

    @abstractmethod
    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        """Correlate templates with search windows: heat maps [N, 2 r + 1, 2 r + 1], the higher the likelier.

        templates [N, C, t, t] are cut from optical features, searches [N, C, t + 2 r, t + 2 r] from SAR features, with
        t the `template_side` and r the `reach`. Cell (r, r) is the offset 0, the cell right of it 1 pixel to the right.
        """

    @abstractmethod
    def score(self, height: Tensor) -> Tensor:
        """Turn the heights of peaks of heat maps [N] into scores [N] in 0..1, for runs without an ORN."""
