"""What networks of several tasks are made of."""

from torch import nn


def he_initialise(network: nn.Module, fan: str = "fan_out") -> None:
    """Draw all weights of convolutions from the normal distribution that suits ReLU.

    fan: "fan_out" keeps the variance of gradients, "fan_in" that of features, also where channels are convolved one by
    one and where the last convolution has one output.

    K. He, X. Zhang, S. Ren and J. Sun, "Delving Deep into Rectifiers: Surpassing Human-Level Performance on ImageNet
    Classification", ICCV 2015, section 2.2.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode=fan)
