"""What pix2pix and CycleGAN have in common: a generator whose images lie in -1..1, and how its weights are drawn."""

from typing import Optional

from torch import Tensor, nn

from .planes import signed_planes


class TanhTranslator(nn.Module):
    """SAR [N, sar_bands, H, W] and heights [N, 1, H, W], where it was made for any -> colours 0..1 [N, bands, H, W].

    SAR: in standard deviations from the mean of the scene, within ± `planes.SAR_LIMIT`. Heights: divided by the scene's
    greatest. `generator` translates planes in -1..1 into bands in -1..1, which is what it is trained with.
    """

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, sar: Tensor, dem: Optional[Tensor] = None) -> Tensor:
        return (self.generator(signed_planes(sar, dem)) + 1) / 2


def draw_small_weights(network: nn.Module) -> None:
    """Draw weights of convolutions around 0 and of norms around 1, both by 0.02; biases are 0.

    As in the implementation by the authors of pix2pix and CycleGAN.
    """
    for module in network.modules():
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.BatchNorm2d)):
            nn.init.normal_(module.weight, 1.0 if isinstance(module, nn.BatchNorm2d) else 0.0, 0.02)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
