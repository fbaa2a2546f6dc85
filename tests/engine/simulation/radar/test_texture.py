"""Texture: fields and buildings differ, each is even within, and coarse pixels average the grain out."""

import numpy as np
import pytest
import torch
from sarbridge.engine.simulation.radar.texture import texture
from sarbridge.engine.simulation.scenery import Scenery
from sarbridge.engine.simulation.surfaces.surface import Cover, Surface


def plain(cover, pixel_size=5.0, parcels=1, side=400):
    flat = torch.zeros(side, side)
    number = (torch.arange(side) * parcels // side).int().repeat(side, 1)
    buildings, rows = torch.zeros(1), torch.zeros(parcels)
    cover = torch.full((side, side), cover, dtype=torch.uint8)
    return Surface(pixel_size, flat, flat, cover, torch.zeros_like(number), buildings, number, rows)


def decibels(surface, seed=0):
    return 10 * np.log10(texture(surface, Scenery(seed)).double().numpy())


def test_fields_differ_more_than_places_within():
    image = decibels(plain(Cover.CROP, parcels=100))
    fields = image.reshape(400, 100, 4).mean((0, 2))
    assert fields[1:].std() == pytest.approx(2.5, rel=0.2)
    assert image.std(0).mean() < 1.5


def test_spread_of_a_forest():
    """Patches of 0.4 dB and a grain of 2.0 dB, on pixels of 1 m, which resolve both."""
    assert decibels(plain(Cover.FOREST, 1.0)).std() == pytest.approx((0.4**2 + 2.0**2) ** 0.5, rel=0.1)


def test_coarse_pixels_average_the_grain():
    """6 m of grain in 20 m: the deviation falls by that ratio, beside the patches."""
    assert decibels(plain(Cover.FOREST, 20.0)).std() == pytest.approx((0.4**2 + (2.0 * 6 / 20) ** 2) ** 0.5, rel=0.1)


def test_covers_change_from_scene_to_scene():
    means = [decibels(plain(Cover.BARE, side=60), seed).mean() for seed in range(60)]
    assert np.std(means) == pytest.approx(1.5, rel=0.3)


def test_water_has_no_field_to_field_texture():
    assert decibels(plain(Cover.WATER)).std() == pytest.approx(0.3, rel=0.2)
