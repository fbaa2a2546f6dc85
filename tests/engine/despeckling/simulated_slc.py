"""Simulated complex images whose spectrum is known."""

import dataclasses

import numpy as np
import torch
from sarbridge.engine.despeckling.survey import survey
from sarbridge.engine.simulation.radar.sar_presets import SENTINEL1_IW_SLC, TERRASARX_STRIPMAP, Sampling
from sarbridge.engine.simulation.radar.speckle_noise import speckle
from sarbridge.tests.engine.rasters.test_grid_reader import grid_over, write

HEIGHT, WIDTH = 480, 360
PADDED = dataclasses.replace(
    TERRASARX_STRIPMAP,
    range=Sampling(1.2, 1.2 / 1.5 / 1.13, 0.54),  # a Hamming window, and half as many samples again as are needed
    azimuth=Sampling(3.3, 3.3 / 1.5 / 1.13, 0.54),
)


def simulated(preset=SENTINEL1_IW_SLC, height=HEIGHT, width=WIDTH, seed=0):
    """Speckle over fields of other brightness and a few bright points: complex64 [1, height, width]."""
    generator = torch.Generator().manual_seed(seed)
    fields = torch.rand(1, 8, 6, generator=generator).mul(4).exp()
    power = torch.nn.functional.interpolate(fields[None], (height, width))[0]
    power[0, ::97, ::61] = 1e5
    return speckle(power, preset.azimuth, preset.range, 1, generator)[0].numpy()


def shifted(samples, across=0.0, down=0.0):
    """Modulate by frequencies in cycles per pixel, each a number or one for each pixel of its axis."""
    _, height, width = samples.shape
    col, row = (np.cumsum(np.broadcast_to(each, n)) for each, n in ((across, width), (down, height)))
    return (samples * np.exp(2j * np.pi * (col + row[:, None]))).astype(np.complex64)


def bursts(height):
    """Frequencies of two bursts, each of which runs through 1.4 times the sampling frequency."""
    half = height // 2
    return np.tile(np.linspace(-0.7, 0.7, half), 2)


def with_gaps(samples):
    samples = samples.copy()
    samples[:, HEIGHT // 2 - 10 : HEIGHT // 2 + 10] = 0
    samples[:, :, :30] = 0
    return samples


def surveyed(tmp_path, samples):
    source = write(tmp_path / "slc.tif", samples)
    return survey(source, grid_over(*samples.shape[:0:-1]))
