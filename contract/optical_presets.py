"""Optical sensors that the simulator imitates."""

from dataclasses import dataclass

RGB = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
_PANCHROMATIC = ((0.4, 0.4, 0.2),)


@dataclass(frozen=True)
class OpticalPreset:
    """pixel_size: metres. bands: weights of red, green and blue in each band of the image. mtf: contrast that is left
    at the Nyquist frequency, 0 to 1. noise: standard deviation, in reflectance, at a reflectance of 0.2.
    title: what it is called in words.
    """

    pixel_size: float
    bands: tuple[tuple[float, float, float], ...]
    mtf: float
    noise: float
    title: str = ""


SENTINEL_2 = OpticalPreset(10.0, RGB, mtf=0.22, noise=0.0014, title="Sentinel-2, 10 m")
"""Bands 4-3-2. MTF 0.15 to 0.30 at Nyquist and a signal-to-noise ratio of 142 to 168 at reference radiance, which is a
reflectance of about 0.2: Sentinel-2 User Handbook (ESA 2015), tables of radiometric and spatial requirements."""

PAN_2M5 = OpticalPreset(2.5, _PANCHROMATIC, mtf=0.15, noise=0.002, title="panchromatic camera, 2.5 m")
"""A panchromatic camera of the SPOT 5 kind; the numbers are our choice."""

RGB_0M5 = OpticalPreset(0.5, RGB, mtf=0.12, noise=0.003, title="colour camera, 0.5 m")
"""Pan-sharpened satellite imagery of the WorldView or Pléiades kind; the numbers are our choice."""

OPTICAL_PRESETS = {"sentinel2": SENTINEL_2, "pan2m5": PAN_2M5, "rgb0m5": RGB_0M5}
