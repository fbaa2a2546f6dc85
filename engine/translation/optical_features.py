"""What images look like to the project's own encoder, by whose features images are compared without other weights."""

import numpy as np
import torch

from ...contract.errors import UserError
from ...models.file_header import AnyPath
from ...models.matching.bridge_match import HALO, LATTICE, BridgeMatch
from ...models.model_file import load_model
from ..compute.device import reduced_precision
from ..rasters.grid import TILE


class OpticalFeatures:
    """The optical encoder of a BridgeMatch model, the project's own, at 1/8 of the resolution, before it is decoded.

    It takes greys without local mean and gain: what is compared is structure, not colour. Raises `UserError` for what
    `load_model` refuses and for models whose matcher has no such encoder.
    """

    KEY = "FEATURE_DISTANCE"
    TITLE = "Distance of features"
    ABOUT = (
        "Squared Fréchet distance between the features of both images by the optical encoder of a model for matching. "
        "It compares structure in greys, not colour; 0 is alike, smaller is better. It is no FID: values of different "
        "encoders, and of images of different sizes, cannot be compared."
    )
    SAMPLES = f"cells of {LATTICE} pixels"

    margin = HALO
    area = TILE

    def __init__(self, path: AnyPath, device: torch.device) -> None:
        card, networks = load_model(path, "match")
        if not isinstance(networks.get("match"), BridgeMatch):
            raise UserError(f"The model '{card.name}' has no encoder of whole images: choose a BridgeMatch model.")
        self.name = f"the optical encoder of {card.name}"
        self._stream = networks["match"].optical.to(device)
        self._device = device
        self.count = self._stream.down[-1][1][0].out_channels

    def vectors(self, colours: np.ndarray, valid: np.ndarray) -> np.ndarray:
        """Return the features [N, count] of the cells of 8 pixels in an area, see `Features`.

        What is not valid is filled with the mean.
        """
        grey = colours.mean(0)
        grey = np.where(valid, grey, grey.mean(where=valid) if valid.any() else 0)
        height, width = (-(-size // LATTICE) * LATTICE for size in grey.shape)
        missing = height - grey.shape[0], width - grey.shape[1]
        grey = np.pad(grey, [(0, more) for more in missing], mode="edge")
        with torch.inference_mode(), reduced_precision(self._device):
            level = self._stream.levels(torch.from_numpy(grey)[None, None].to(self._device))[-1]
        known = np.pad(valid, [(0, more) for more in missing])
        cells = known.reshape(height // LATTICE, LATTICE, width // LATTICE, LATTICE).all((1, 3))
        inner = tuple(slice(HALO // LATTICE, (size - HALO) // LATTICE) for size in (height, width))
        return level[0].float().cpu().numpy()[(slice(None), *inner)][:, cells[inner]].T
