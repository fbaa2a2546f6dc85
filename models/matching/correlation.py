"""Correlation of feature maps in the Fourier domain, plain and normalised."""

from typing import Any

import torch
from torch import Tensor


def normalised_correlation(template: Tensor, search: Tensor, eps: float = 1e-6) -> Tensor:
    """Correlate each template with its search window, one template each, at every offset.

    template [N, C, h, w], search [N, C, H, W] with H >= h, W >= w -> [N, H-h+1, W-w+1] in -1..1: the cosine between the
    template and the part of the search window under it, over all channels and pixels ("valid" positions only). Index
    (0, 0) is the template laid over the window's upper left corner. Without the division, the brightest part of the
    window would win; with it, one threshold serves every scene.
    """
    template, search = template.float(), search.float()
    template_energy = template.square().sum((1, 2, 3))
    window_energy = box_sum(search.square().sum(1), *template.shape[-2:])
    return correlation(template, search) / (template_energy[:, None, None] * window_energy).clamp_min(eps).sqrt()


def correlation(template: Tensor, search: Tensor) -> Tensor:
    """Correlate each template [N, C, h, w] with its search window [N, C, H, W], summed over channels ("valid").

    Returns float32 [N, H-h+1, W-w+1], as a grouped convolution would, but its backward pass is as fast as its forward.
    """
    return _Correlation.apply(template.float(), search.float())


class _Correlation(torch.autograd.Function):
    """Plain valid correlation, summed over channels; its gradients are correlations too and stay in the real transform.

    Autograd's own rule for `rfft2` goes through full complex transforms, which take most of a training step.
    """

    @staticmethod
    def forward(ctx: Any, template: Tensor, search: Tensor) -> Tensor:
        size, (h, w) = search.shape[-2:], template.shape[-2:]
        template_spectrum = torch.fft.rfft2(template, s=size)
        search_spectrum = torch.fft.rfft2(search)
        # The circular correlation is exact at the valid offsets: nothing wraps around there.
        product = torch.fft.irfft2((search_spectrum * template_spectrum.conj()).sum(1), s=size)
        ctx.save_for_backward(template_spectrum, search_spectrum)
        ctx.size, ctx.template_size = size, (h, w)
        return product[:, : size[0] - h + 1, : size[1] - w + 1].contiguous()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, Tensor]:
        template_spectrum, search_spectrum = ctx.saved_tensors
        h, w = ctx.template_size
        spectrum = torch.fft.rfft2(gradient, s=ctx.size)[:, None]
        to_template = torch.fft.irfft2(spectrum.conj() * search_spectrum, s=ctx.size)[..., :h, :w]
        to_search = torch.fft.irfft2(spectrum * template_spectrum, s=ctx.size)
        return to_template, to_search


def box_sum(images: Tensor, h: int, w: int) -> Tensor:
    """Sum over every h x w box of images [N, H, W] -> [N, H-h+1, W-w+1], through their integral images.

    These are in double precision: in single, small boxes would drown in the rounding of large integrals.
    """
    # Metal (MPS) knows no double precision.
    double = (images.cpu() if images.device.type == "mps" else images).double()
    integral = torch.nn.functional.pad(double.cumsum(1).cumsum(2), (1, 0, 1, 0))
    boxes = integral[:, h:, w:] - integral[:, :-h, w:] - integral[:, h:, :-w] + integral[:, :-h, :-w]
    return boxes.to(images)
