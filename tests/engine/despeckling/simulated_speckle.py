"""Intensity with the speckle that the simulated radars have, for the tests of what measures or removes it."""

import numpy as np
import torch
from sarbridge.engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD, SENTINEL1_IW_SLC, Sampling
from sarbridge.engine.simulation.radar.speckle_noise import look_weights, speckle

INDEPENDENT = (Sampling(0.5, 1, 1.0), Sampling(0.5, 1, 1.0))
SLC = (SENTINEL1_IW_SLC.azimuth, SENTINEL1_IW_SLC.range)
GRD = (SENTINEL1_IW_GRD.azimuth, SENTINEL1_IW_GRD.range)


def intensity(power, samplings=INDEPENDENT, looks=1.0, seed=0):
    """Return the intensity of so many looks, float32 [h, w], of a mean power [h, w]."""
    power = torch.from_numpy(np.asarray(power, np.float32))
    singles = speckle(power[None], *samplings, looks, torch.Generator().manual_seed(seed))[:, 0]
    return torch.tensordot(look_weights(looks), singles.abs() ** 2, 1).numpy()
