"""Patches cut out of images, turned, scaled or sheared on the way, on the device that the image is on."""

import torch
from torch import Tensor
from torch.nn import functional as F


def cut_patch(image: Tensor, centre: Tensor, linear: Tensor, side: int) -> Tensor:
    """Resample a side x side patch of image [C, H, W] around `centre` (x, y; corner origin): float [C, side, side].

    The patch's pixel at offset q from its centre shows the image at centre + linear @ q; bilinear, mirrored at edges.
    """
    reach = float(linear.abs().sum(1).max()) * side / 2 + 2
    height, width = image.shape[-2:]
    left, top = max(0, int(centre[0] - reach)), max(0, int(centre[1] - reach))
    right, bottom = min(width, int(centre[0] + reach) + 2), min(height, int(centre[1] + reach) + 2)
    crop = image[:, top:bottom, left:right].float()
    position = _positions(centre, linear, side) - torch.tensor([left, top])
    scaled = (2 * position / torch.tensor([right - left, bottom - top]) - 1).to(image.device)
    return F.grid_sample(crop[None], scaled[None], mode="bilinear", padding_mode="reflection", align_corners=False)[0]


def nearest_patch(image: Tensor, centre: Tensor, linear: Tensor, side: int) -> Tensor:
    """As `cut_patch`, for numbers that nothing lies between: those of the nearest pixels, 0 beyond the edges."""
    col, row = _positions(centre, linear, side).floor().long().to(image.device).unbind(-1)
    height, width = image.shape[-2:]
    inside = (row >= 0) & (row < height) & (col >= 0) & (col < width)
    return image[:, row.clamp(0, height - 1), col.clamp(0, width - 1)] * inside


def _positions(centre: Tensor, linear: Tensor, side: int) -> Tensor:
    """Return where the pixels of a patch lie in the image, (x, y), corner origin: [side, side, 2]."""
    offsets = torch.arange(side, dtype=torch.float32) - (side - 1) / 2
    return torch.stack(torch.meshgrid(offsets, offsets, indexing="xy"), -1) @ linear.T + centre
