"""What networks of several tasks are made of."""

from collections.abc import Callable
from functools import partial

from torch import nn

_IN_PLACE = partial(nn.ReLU, inplace=True)
"""Nothing else sees what a norm gives."""


class ConvLayer(nn.Sequential):
    """Convolution that keeps sizes but for its stride, batch norm, activation."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        stride: int = 1,
        dilation: int = 1,
        groups: int = 1,
        bias: bool = False,
        activation: Callable[[], nn.Module] = _IN_PLACE,
    ) -> None:
        padding = dilation * (kernel // 2)
        super().__init__(
            nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, groups, bias=bias),
            nn.BatchNorm2d(outputs),
            activation(),
        )


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
