"""Matching with BridgeMatch: features once per area."""

from copy import copy
from typing import Optional

import torch
from torch import Tensor

from ...models.matching.bridge_match import HALO, LATTICE, BridgeMatch
from ...models.matching.correlation import normalised_correlation
from ..compute.device import reduced_precision
from ..inference.area_network import AreaNetwork
from ..reporting import NullReporter, Reporter
from .matcher import Matcher


class BridgeMatcher(Matcher):
    """BridgeMatch: features once per area, on the device, in the precision that is fast there.

    Bf16 moves nine offsets in ten by less than 0.02 px (0.002 in the median): rounding averages out over a template.
    Only where a heat map has two tops of one height, or a flat one, may the other of them win.
    """

    margin = HALO

    def __init__(self, network: BridgeMatch, device: torch.device, reporter: Optional[Reporter] = None) -> None:
        self.network = network
        self.device = device
        self._sar, self._optical = (
            AreaNetwork(stream, device, reporter or NullReporter(), step=LATTICE, height=LATTICE, halo=HALO)
            for stream in (network.sar, network.optical)
        )

    def describe(self, sar: Tensor, optical: Tensor) -> tuple[Tensor, Tensor]:
        return self.describe_sar(sar), self.describe_optical(optical)

    def describe_sar(self, area: Tensor) -> Tensor:
        """Return the features [C, H, W] of a SAR area [H, W] alone (see `describe`)."""
        return self._features(self._sar, area)

    def describe_optical(self, area: Tensor) -> Tensor:
        """Return the features [C, H, W] of an optical area [H, W] alone (see `describe`)."""
        return self._features(self._optical, area)

    def swapped(self) -> "BridgeMatcher":
        """Return the matcher that takes SAR for optical areas and the other way round: SAR templates are looked for."""
        other = copy(self)
        other._sar, other._optical = self._optical, self._sar
        return other

    def _features(self, stream: AreaNetwork, area: Tensor) -> Tensor:
        with reduced_precision(self.device):
            return stream(area.to(self.device)[None, None])[0]

    def heat(self, templates: Tensor, searches: Tensor) -> Tensor:
        return normalised_correlation(templates, searches)

    def score(self, height: Tensor) -> Tensor:
        return height.clamp(0, 1)
