"""From the pixels of a scene to probabilities of buildings: the network of any method, with what it is shown."""

from collections.abc import Sequence
from typing import Optional

import torch
from torch import Tensor, nn

from ...models.buildings.bridge_build import sar_planes
from ..rasters.scene_scale import SceneScale
from .methods import Method

QUARTER_TURNS = 4


class BuildingNetwork(nn.Module):
    """SAR values [N, C, H, W] -> probabilities [N, 1, H, W] of a building, or [N, 2, H, W] with that of a border.

    SAR values are in dB or of a rendering, as `scales` has it, one for each band. Of a network for turned images,
    `look_known` says whether the line of sight runs down the columns; otherwise the image is turned to all four sides
    and what is found is averaged. incidence: degrees, None where it is not known.
    """

    def __init__(
        self,
        network: nn.Module,
        method: Method,
        scales: Sequence[SceneScale],
        look_known: bool = False,
        incidence: Optional[float] = None,
    ) -> None:
        super().__init__()
        self.network = network
        self._method, self._scales, self._look_known = method, scales, look_known
        self._incidence = None if incidence is None else torch.tensor(incidence)

    def forward(self, sar: Tensor) -> Tensor:
        bands = torch.cat([scale.standardised(band[:, None]) for scale, band in zip(self._scales, sar.unbind(1))], 1)
        if not self._method.is_turned:
            return self._probabilities(bands)
        planes = sar_planes(bands.mean(1, keepdim=True), self._incidence, self._look_known)
        if self._look_known:
            return self._probabilities(planes)
        turned = (self._turned(planes, turns) for turns in range(QUARTER_TURNS))
        return sum(turned) / QUARTER_TURNS

    def _turned(self, planes, turns):
        """Return what is found in planes that are turned, turned back."""
        layout = torch.channels_last
        found = self._probabilities(torch.rot90(planes, turns, (2, 3)).contiguous(memory_format=layout))
        return torch.rot90(found, -turns, (2, 3))

    def _probabilities(self, planes):
        return self.network(planes).float().sigmoid()


class ComplexBuildingNetwork(nn.Module):
    """Real and imaginary part [N, 2, H, W] -> probabilities [N, 1, H, W] of a building.

    level: linear power of the scene's median ground, which the network is shown as 1.
    """

    def __init__(self, network: nn.Module, level: float) -> None:
        super().__init__()
        self.network = network
        self._factor = level**-0.5

    def forward(self, parts: Tensor) -> Tensor:
        return self.network(parts.float() * self._factor).float().sigmoid()
