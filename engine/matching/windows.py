"""What is cut out of feature maps and heat maps."""

import torch
from torch import Tensor


def cut_windows(features: Tensor, centres: Tensor, half: int) -> Tensor:
    """Cut windows of 2 half pixels around `centres` [N, 2] (col, row) from features [C, H, W]: [N, C, 2 half, 2 half].

    The centre is the corner that the four pixels in the middle share.
    """
    return torch.stack([features[:, y - half : y + half, x - half : x + half] for x, y in centres.tolist()])


def cut_cells(images: Tensor, cells: Tensor, around: int) -> Tensor:
    """Cut the cells [N, 2 around + 1, 2 around + 1] around one cell (col, row) of each of images [N, H, W]."""
    sides = zip(images, cells.tolist())
    return torch.stack([image[y - around : y + around + 1, x - around : x + around + 1] for image, (x, y) in sides])


def middle(images: Tensor, side: int) -> Tensor:
    """Return the middle [..., side, side] of images [..., H, W].

    `side`, H and W are all even or all odd. Of a heat map, the middle 2 m + 1 cells are the offsets up to ±m.
    """
    top, left = ((size - side) // 2 for size in images.shape[-2:])
    return images[..., top : top + side, left : left + side]
