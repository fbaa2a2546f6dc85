"""Matching with SSNet as published: the cosine of the template's code with the code at every offset.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020, §3.2.2 and §4.5, section 4.1 of the paper there.
"""

import torch
from torch import Tensor

from ...models.matching.ss_net import SSNet, descriptors
from .pixel_matcher import PixelMatcher
from .sliding_window import slide


class SsNetMatcher(PixelMatcher):
    """A sliding window, in float32: each offset's patch has a code of its own.

    That takes as much time as there are offsets. The network over the whole window at once, as PSiam has it, is no
    stand-in: the padding of a patch reaches every cell of its last maps, 4 x 4, and heat maps of a network that had
    learnt a little correlated by 0.2 to 0.8 with these, with other peaks.
    """

    def __init__(self, network: SSNet, sar_range: tuple[float, float]) -> None:
        super().__init__(network.to(memory_format=torch.channels_last), sar_range)  # takes a fifth less time so

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        wanted = descriptors(self.network.optical(templates))

        def cosines(patches: Tensor, window: Tensor) -> Tensor:
            return (descriptors(self.network.sar(patches)) * wanted[window]).sum(1)

        return slide(searches, templates.shape[-1], cosines)

    def score(self, height: Tensor) -> Tensor:
        return height.clamp(0, 1)
