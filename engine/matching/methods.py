"""The table of matching methods.

A new method is a `Matcher`, a row here, and its name in `contract/matching_jobs.py`, from which QGIS offers it.
"""

from dataclasses import dataclass
from typing import Callable, Optional

import torch
from torch import nn

from ...contract.errors import UserError
from ...models.card import Card
from ...models.matching.bridge_match import BridgeMatch
from ...models.matching.corr_asl import CorrASL
from ...models.matching.deep_match import DeepMatch
from ...models.matching.psiam import PSiam
from ...models.matching.ss_net import SSNet
from ..rasters.radiometry import SarRadiometry, clipping_range
from ..rasters.raster_sample import RasterSample
from ..reporting import Reporter
from .bridge_matcher import BridgeMatcher
from .classical import MutualInformationMatcher, NccMatcher
from .corr_asl_matcher import CorrAslMatcher
from .deep_match_matcher import DeepMatchMatcher
from .matcher import Matcher
from .orientation_matcher import OrientationMatcher
from .psiam_matcher import RefinedPSiamMatcher
from .ss_net_matcher import SsNetMatcher


@dataclass(frozen=True)
class Run:
    """What a matcher can be made from.

    `sar_sample` is raw, None where values are known to have the range of the card; `sar_radiometry` is what is done to
    the layer's values. `network` is the model file's network for matching, on the device, and `card` the file's card;
    None where the run has no model.
    """

    device: torch.device
    reporter: Reporter
    sar_sample: Optional[RasterSample]
    sar_radiometry: SarRadiometry
    network: Optional[nn.Module]
    card: Optional[Card]

    def sar_range(self) -> tuple[float, float]:
        """Return what SAR values are clipped to for a network that scales them by a range, and report it.

        Raises `UserError` for a card without a SAR input.
        """
        if "sar" not in self.card.inputs:
            raise UserError(f"The model '{self.card.name}' does not say which SAR images it takes: choose another one.")
        expected = self.card.inputs["sar"]
        if self.sar_sample is None:
            return tuple(expected["range"])
        value_range, sentence = clipping_range(self.sar_sample, self.sar_radiometry, expected)
        self.reporter.info(sentence)
        return value_range


@dataclass(frozen=True)
class Method:
    """A row of the table: the `Matcher` of a method, and how a run makes one.

    `network`: the class that a model file's network for matching must have; None for methods without a model.
    """

    matcher: type[Matcher]
    make: Callable[[Run], Matcher]
    network: Optional[type[nn.Module]] = None


METHODS = {
    "bridgematch": Method(BridgeMatcher, lambda run: BridgeMatcher(run.network, run.device, run.reporter), BridgeMatch),
    "corrasl": Method(CorrAslMatcher, lambda run: CorrAslMatcher(run.network, run.sar_range()), CorrASL),
    "psiam": Method(RefinedPSiamMatcher, lambda run: RefinedPSiamMatcher(run.network, run.sar_range()), PSiam),
    "deepmatch": Method(DeepMatchMatcher, lambda run: DeepMatchMatcher(run.network, run.sar_range()), DeepMatch),
    "ssnet": Method(SsNetMatcher, lambda run: SsNetMatcher(run.network, run.sar_range()), SSNet),
    "orientation": Method(OrientationMatcher, lambda run: OrientationMatcher()),
    "ncc": Method(NccMatcher, lambda run: NccMatcher()),
    "mi": Method(MutualInformationMatcher, lambda run: MutualInformationMatcher()),
}
"""By the names of `contract.matching_jobs.METHODS`."""


def make_matcher(name: str, run: Run) -> Matcher:
    """Return the matcher of the method `name` for a `Run`; raises `UserError` when its model is one for another."""
    method = METHODS[name]
    if method.network and not isinstance(run.network, method.network):
        raise UserError(
            f"The model '{run.card.name}' holds {type(run.network).__name__}, not {method.network.__name__}: choose "
            "another model or method."
        )
    return method.make(run)
