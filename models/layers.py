"""What networks of several tasks are made of."""

from torch import nn


def he_initialise(network: nn.Module) -> None:
    """Draw all weights of convolutions from the normal distribution that suits ReLU, by their fan-out.

    K. He, X. Zhang, S. Ren and J. Sun, "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
    Classification", ICCV 2015, section 2.2.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out")
