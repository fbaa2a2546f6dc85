"""Images that a generator made a while ago, so that a critic does not forget them."""

import torch
from torch import Tensor, nn


class ImagePool(nn.Module):
    """Keeps up to `size` images [planes, side, side] and gives some of them back instead of new ones.

    A. Shrivastava et al., "Learning from Simulated and Unsupervised Images through Adversarial Training", CVPR 2017,
    section 2.3, as CycleGAN uses it (ICCV 2017, section 4: 50 images). A module without weights, so that checkpoints
    keep what is in it; its choices follow torch's CPU generator.
    """

    def __init__(self, planes: int, side: int, size: int = 50) -> None:
        super().__init__()
        self.register_buffer("images", torch.zeros(size, planes, side, side))
        self.register_buffer("kept", torch.tensor(0))

    @torch.no_grad()
    def forward(self, images: Tensor) -> Tensor:
        """Return as many images [N, planes, side, side] as are given, without gradients.

        The first ones fill the pool and come back. Later each comes back itself or, half of the times, takes the place
        of a kept one, which comes back instead.
        """
        return torch.stack([self._exchanged(image) for image in images])

    def _exchanged(self, image: Tensor) -> Tensor:
        kept, size = int(self.kept), len(self.images)
        if kept < size:
            self.images[kept] = image
            self.kept += 1
            return image
        if torch.rand(()) < 0.5:
            return image
        place = int(torch.randint(size, ()))
        old = self.images[place].clone()
        self.images[place] = image
        return old
