"""What images look like to Inception-v3: the features whose Fréchet distance is called FID."""

from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from ...contract.errors import UserError
from ...models.file_header import AnyPath
from ...models.translation.inception import FEATURES, SIDE, InceptionV3
from ...models.weights_file import load_weights
from ..compute.device import halve_on_out_of_memory
from ..reporting import Reporter
from .feature_distance import LATTICE

PATCH = 256
"""Pixels along a side of a patch."""

_BATCH = 16


class InceptionFeatures:
    """Inception-v3 with the weights of a file, on patches of 256 pixels every 128, enlarged to 299.

    The patches are those of Bralet 2024 (see `sardinet.py`) and of SEN1-2. The rest is as in M. Heusel et al.,
    "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", NeurIPS 2017: bilinear
    interpolation, numbers of 32 bits. Raises `UserError` for what `load_weights` refuses, and for images of other than
    three bands, or one, which is shown thrice.
    """

    KEY = "FID"
    TITLE = "Fréchet inception distance (FID)"
    ABOUT = (
        "Squared Fréchet distance (Heusel et al. 2017) between what Inception-v3 sees in both images: its last "
        "features, averaged over patches of 256 pixels, one every 128, enlarged to 299. 0 is alike, smaller is better. "
        "Weights of another training than those of Heusel et al. give other numbers, and so do fewer patches: compare "
        "only values by the same file, of images of the same place and size."
    )
    SAMPLES = f"patches of {PATCH} pixels"

    count = FEATURES
    margin = PATCH // 2
    area = 4 * LATTICE

    def __init__(self, path: AnyPath, bands: int, device: torch.device, reporter: Reporter) -> None:
        if bands not in (1, 3):
            raise UserError(
                f"Inception-v3 looks at red, green and blue, or at one band, but {bands} bands are compared: choose "
                "three of them, or leave the model file of the features empty."
            )
        network = InceptionV3()
        load_weights(path, network, "torchvision's inception_v3")
        self.name = f"Inception-v3 with the weights of {Path(path).name}"
        self._network = network.to(device, memory_format=torch.channels_last)
        self._device = device
        self._describe = halve_on_out_of_memory(self._described, _BATCH, reporter, "patch")

    def vectors(self, colours: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return the features [N, 2048] of the patches whose middle lies in an area, see `Features`."""
        height, width = valid.shape
        patches = [
            colours[:, row : row + PATCH, col : col + PATCH]
            for row in range(0, height - PATCH, LATTICE)
            for col in range(0, width - PATCH, LATTICE)
            if valid[row : row + PATCH, col : col + PATCH].all()
        ]
        if not patches:
            return np.empty((0, self.count), np.float32)
        return np.concatenate(self._describe(patches))

    @torch.inference_mode()
    def _described(self, patches: list[np.ndarray]) -> np.ndarray:
        images = torch.from_numpy(np.stack(patches)).to(self._device, memory_format=torch.channels_last)
        enlarged = F.interpolate(images.expand(-1, 3, -1, -1), (SIDE, SIDE), mode="bilinear", align_corners=False)
        return self._network(2 * enlarged - 1).cpu().numpy()
