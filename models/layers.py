"""What networks of several tasks are made of."""

from torch import nn


def he_initialise(network: nn.Module) -> None:
    """Draw all weights of convolutions as He et al. (ICCV 2015) do, by their fan-out."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
