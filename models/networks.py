"""The table of networks that a model file may hold, by the class name on its card: a new network goes in here."""

from torch import nn

from .matching.bridge_match import BridgeMatch
from .matching.corr_asl import CorrASL
from .matching.goodness import GoodnessNet
from .matching.orn import OutlierReductionNet

NETWORKS: dict[str, type[nn.Module]] = {
    network.__name__: network
    for network in (
        BridgeMatch,
        CorrASL,
        GoodnessNet,
        OutlierReductionNet,
    )
}
