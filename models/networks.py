"""The table of networks that a model file may hold, by the class name on its card: a new network goes in here."""

from collections.abc import Mapping
from typing import Any, Optional

from torch import nn

from .buildings.bridge_build import BridgeBuild
from .buildings.deeplab_v3_plus import DeepLabV3Plus
from .buildings.hfd_net import HFDNet
from .buildings.pspnet import PSPNet
from .buildings.segnet import SegNet
from .buildings.unet import UNet
from .card import NetworkEntry
from .despeckling.bridge_clear import BridgeClear
from .despeckling.merlin import Merlin
from .despeckling.merlin_seg import MerlinSeg
from .matching.bridge_match import BridgeMatch
from .matching.corr_asl import CorrASL
from .matching.deep_match import DeepMatch
from .matching.goodness import GoodnessNet
from .matching.match_error_net import MatchErrorNet
from .matching.orn import OutlierReductionNet
from .matching.psiam import PSiam
from .matching.ss_net import SSNet
from .translation.bridge_view import BridgeView
from .translation.cycle_gan import CycleGAN
from .translation.pix2pix import Pix2Pix
from .translation.sardinet import SARDINet

NETWORKS: dict[str, type[nn.Module]] = {
    network.__name__: network
    for network in (
        BridgeMatch,
        CorrASL,
        DeepMatch,
        GoodnessNet,
        MatchErrorNet,
        OutlierReductionNet,
        PSiam,
        SSNet,
        BridgeBuild,
        DeepLabV3Plus,
        HFDNet,
        MerlinSeg,
        PSPNet,
        SegNet,
        UNet,
        BridgeClear,
        Merlin,
        BridgeView,
        CycleGAN,
        Pix2Pix,
        SARDINet,
    )
}


def network_entries(
    networks: Mapping[str, nn.Module], arguments: Optional[Mapping[str, dict[str, Any]]] = None
) -> dict[str, NetworkEntry]:
    """Return what a card says about networks {prefix: module}.

    arguments: by prefix, those of the constructors of networks that were not made with none.
    """
    return {
        prefix: {"class": type(network).__name__, "arguments": (arguments or {}).get(prefix, {})}
        for prefix, network in networks.items()
    }
