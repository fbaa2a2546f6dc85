"""The table of what can be taught: architecture -> its network, and how it goes down its losses."""

from typing import Any, NamedTuple, Optional

from ....models.buildings.bridge_build import BridgeBuild
from ....models.buildings.deeplab_v3_plus import DeepLabV3Plus
from ....models.buildings.hfd_net import HFDNet
from ....models.buildings.pspnet import PSPNet
from ....models.buildings.segmenter import Segmenter
from ....models.buildings.segnet import SegNet
from ....models.buildings.unet import UNet
from ....models.folded_unet import REACH
from ...inference.tiling import blended_tiles, exact_tiles
from ...training.schedules import Schedule, constant, warm_cosine
from .optimisers import Optimiser, as_published, own

_PUBLISHED_BATCH = 32


class Curriculum(NamedTuple):
    """How an architecture is taught.

    arguments: of the network's constructor, beside its bands. rate, batch and schedule are those of the publications;
    soft_iou: weight of that loss beside the cross-entropy; clip_norm and average as `Plan` has them. reach: pixels
    around a place that its results depend on, None for all of a tile. working_pixel: metres that pixels are brought to,
    0 where they stay as they are.
    """

    network: type[Segmenter]
    arguments: dict[str, Any] = {}
    is_published: bool = True
    rate: float = 0.1
    batch: int = _PUBLISHED_BATCH
    schedule: Schedule = constant
    clip_norm: float = float("inf")
    average: Optional[float] = None
    soft_iou: float = 0.0
    reach: Optional[int] = None
    working_pixel: float = 0.0

    def made(self, bands: int) -> Segmenter:
        """Return a new network for so many bands."""
        return self.network(bands=bands, **self.arguments)

    def optimiser(self, rate: float) -> Optimiser:
        """Return how the network goes down its losses."""
        return as_published(rate) if self.is_published else own(rate)

    def rate_of(self, batch: int) -> float:
        """Return the rate for batches of another size than the published one: in proportion to it, where smaller.

        P. Goyal et al., "Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour", 2017, section 2.1.
        """
        return self.rate * min(1.0, batch / self.batch) if self.is_published else self.rate

    def tiling(self, side: int, stride: int) -> dict[str, int]:
        """Return the tiles that the card asks for, of a network that learnt patches of a side."""
        return blended_tiles(side, stride) if self.reach is None else exact_tiles(1024, self.reach, stride)


CURRICULA = {
    "bridgebuild": Curriculum(
        BridgeBuild,
        is_published=False,
        rate=1e-3,
        batch=12,
        schedule=warm_cosine,
        clip_norm=1.0,
        average=0.999,
        soft_iou=0.5,
        reach=REACH,
        working_pixel=1.0,
    ),
    "unet_mobilenet_v2": Curriculum(UNet, {"encoder": "mobilenet_v2"}),
    "unet_vgg19": Curriculum(UNet, {"encoder": "vgg19"}),
    "unet_xception": Curriculum(UNet, {"encoder": "xception"}),
    "unet_efficientnet_b4": Curriculum(UNet, {"encoder": "efficientnet_b4"}),
    "pspnet": Curriculum(PSPNet),
    "segnet_vgg16": Curriculum(SegNet, {"encoder": "vgg16"}),
    "segnet_vgg19": Curriculum(SegNet, {"encoder": "vgg19"}),
    "deeplab_xception": Curriculum(DeepLabV3Plus, {"encoder": "xception"}),
    "deeplab_resnet50": Curriculum(DeepLabV3Plus, {"encoder": "resnet50"}),
    "hfd_net": Curriculum(HFDNet),
}
"""By the identifiers of `contract.building_training_jobs.ARCHITECTURES`. HFD-Net, whose recipe is not public, is taught
as the others (our choice)."""
