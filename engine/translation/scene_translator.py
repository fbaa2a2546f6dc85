"""From backscatter of a scene to colours: the network of any method, with what it is shown and what becomes of it."""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor, nn

from ...models.translation.planes import relief, with_facts
from ..rasters.scene_scale import SceneScale, is_cross_polarised
from .enhancement import Enhancement
from .methods import Method


class SceneTranslator(nn.Module):
    """SAR values [N, C, H, W] and, for networks that take them, heights [N, 1, H, W] in metres -> [N, bands, H, W].

    SAR values are in dB or of a rendering, as `scales` has it, one for each band; `polarisations` are those of the
    bands. `highest` is the largest height of the scene, in metres. Given are colours of 0..1, followed by their
    expected absolute error where the method has one, which stays that of the colours before they were enhanced.

    Of a network that takes one polarisation at a time the translations of all bands are joined, each weighted by the
    inverse square of its error. As all of them err at the same places, the error is averaged with the same weights.
    """

    def __init__(
        self,
        network: nn.Module,
        method: Method,
        scales: Sequence[SceneScale],
        polarisations: Sequence[str],
        highest: float = 1.0,
        enhancement: Optional[Enhancement] = None,
    ) -> None:
        super().__init__()
        self.network, self.enhancement = network, enhancement
        self._method, self._scales, self._highest = method, scales, highest
        self._crossed = [is_cross_polarised(polarisation) for polarisation in polarisations]

    def forward(self, sar: Tensor, *heights: Tensor) -> Tensor:
        bands = [scale.standardised(band[:, None]) for scale, band in zip(self._scales, sar.unbind(1))]
        others = [relief(each, self._highest, self._method.full_height) for each in heights]
        if self._method.one_by_one:
            told = (scale.facts(is_crossed) for scale, is_crossed in zip(self._scales, self._crossed))
            planes = [with_facts(band, facts) for band, facts in zip(bands, told)]
            translations = [self.network(each, *others).float() for each in planes]
            translated = _joined(translations) if self._method.gives_scale else torch.stack(translations).mean(0)
        else:
            translated = self.network(torch.cat(bands, 1), *others).float()
        count = translated.shape[1] - self._method.gives_scale
        colours, error = translated[:, :count].clamp(0, 1), translated[:, count:]
        return torch.cat([self.enhancement(colours) if self.enhancement else colours, error], 1)


def _joined(translations: Sequence[Tensor]) -> Tensor:
    """Return the mean of [N, bands + 1, H, W], each weighted by the inverse square of its last band."""
    if len(translations) == 1:
        return translations[0]
    stacked = torch.stack(list(translations))
    weights = 1 / stacked[:, :, -1:].square()
    return (stacked * weights).sum(0) / weights.sum(0)
