"""Optical images: colours in the right order, light by the sun's angle, and sizes, ranges and seeds."""

import math
from dataclasses import replace

import pytest
import torch
from sarbridge.contract.geometry_jobs import OpticalView
from sarbridge.contract.optical_presets import OPTICAL_PRESETS, PAN_2M5, RGB_0M5, SENTINEL_2, OpticalPreset
from sarbridge.engine.simulation.camera.optical_image import optical_image
from sarbridge.engine.simulation.surfaces.surface import Cover, Surface
from sarbridge.engine.simulation.surfaces.world import world

VIEW = OpticalView(100.0, 6.0, 150.0, 50.0)
STRAIGHT_DOWN = OpticalView(0.0, 0.0, 150.0, 50.0)


def generator(seed=0):
    """A seeded generator."""
    return torch.Generator().manual_seed(seed)


def plain(cover, height=None, side=128, pixel_size=0.5):
    """A surface of one cover, level unless heights [H, W] are given."""
    height = torch.zeros(side, side) if height is None else height
    flat = torch.zeros(side, side, dtype=torch.int32)
    return Surface(pixel_size, height, height, flat.byte() + int(cover), flat, torch.zeros(1))


@pytest.mark.parametrize("preset", OPTICAL_PRESETS.values(), ids=OPTICAL_PRESETS)
def test_an_image_is_sound_and_the_same_from_the_same_seed(preset):
    surface = world(128, preset.pixel_size, seed=2, landscape="village")
    image = optical_image(surface, preset, VIEW, generator())
    assert image.shape == (len(preset.bands), 128, 128) and image.dtype == torch.float32
    assert torch.isfinite(image).all() and image.min() >= 0 and image.max() <= 1
    assert 0.01 < image.median() < 0.4
    assert torch.equal(image, optical_image(surface, preset, VIEW, generator()))
    assert not torch.equal(image, optical_image(surface, preset, VIEW, generator(1)))


def test_covers_are_as_bright_as_they_should_be():
    """Water is darkest, woods come next, concrete and bare soil are bright; vegetation is green."""
    brightness, green = {}, {}
    for cover in (Cover.WATER, Cover.FOREST, Cover.GRASS, Cover.PAVED, Cover.BARE):
        images = torch.stack([optical_image(plain(cover), RGB_0M5, VIEW, generator(seed)) for seed in range(6)])
        red, green_band, blue = images.mean((0, 2, 3))
        brightness[cover], green[cover] = float(red + green_band), float(2 * green_band - red - blue)
    assert brightness[Cover.WATER] < brightness[Cover.FOREST] < brightness[Cover.GRASS]
    assert brightness[Cover.GRASS] < min(brightness[Cover.PAVED], brightness[Cover.BARE])
    assert green[Cover.GRASS] > green[Cover.PAVED]


def test_roofs_differ_from_each_other():
    side, number = 120, 36
    row, col = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    building = (row // 20 * 6 + col // 20 + 1).int()
    flat = torch.zeros(side, side)
    cover = torch.full((side, side), int(Cover.ROOF), dtype=torch.uint8)
    surface = Surface(0.5, flat, flat, cover, building, torch.zeros(number + 1))
    image = optical_image(surface, RGB_0M5, VIEW, generator())
    means = torch.stack([image[:, building == one].mean(1) for one in range(1, number + 1)])
    within = torch.stack([image[:, (building == one)].std(1) for one in range(1, number + 1)]).median()
    assert means.std(0).min() > 1.5 * within


@pytest.mark.parametrize(("sun_azimuth", "angle"), [(0.0, 20), (180.0, 60)])
def test_slopes_are_lit_by_the_angle_to_the_sun(sun_azimuth, angle):
    """A slope of 20° towards the sun at 50° is lit at 20°, one away from it at 60° to its normal."""
    ramp = math.tan(math.radians(20)) * 0.5 * torch.arange(128.0)[:, None].expand(128, 128)  # rises southwards
    view = OpticalView(0.0, 0.0, sun_azimuth, 50.0)
    clear = OpticalPreset(0.5, RGB_0M5.bands, mtf=0.9, noise=1e-6)
    lit = optical_image(plain(Cover.BARE, ramp), clear, view, generator(4)).mean((1, 2))
    level = optical_image(plain(Cover.BARE), clear, view, generator(4)).mean((1, 2))
    direct = math.cos(math.radians(angle)) / math.sin(math.radians(50))
    air = 1.2 * 0.014  # haze and sky light do not depend on the slope: they flatten the contrast a little
    ratio = float(((lit - air) / (level - air))[1])
    assert ratio == pytest.approx(0.81 * direct + 0.19, abs=0.06)


def test_a_camera_loses_contrast_as_its_mtf_says():
    """Black and white columns have a fundamental wave at the Nyquist frequency, of 4/π their amplitude."""
    stripes = torch.zeros(128, 128)
    stripes[:, ::2] = 1
    cover = torch.where(stripes > 0, Cover.PAVED, Cover.WATER).byte()
    surface = replace(plain(Cover.WATER), cover=cover)
    contrasts = []
    for mtf in (0.3, 0.1):
        image = optical_image(surface, OpticalPreset(0.5, PAN_2M5.bands, mtf, 1e-9), STRAIGHT_DOWN, generator(1))
        contrasts.append(float((image[0, 10:-10, 10:-11:2] - image[0, 10:-10, 11:-10:2]).mean()))
    bars = (torch.arange(128) // 32 % 2 > 0).expand(128, 128)
    wide = replace(surface, cover=torch.where(bars, Cover.PAVED, Cover.WATER).byte())
    image = optical_image(wide, OpticalPreset(0.5, PAN_2M5.bands, 0.3, 1e-9), STRAIGHT_DOWN, generator(1))
    full = float(image[0, :, 40:56].mean() - image[0, :, 72:88].mean())
    assert contrasts[0] / full == pytest.approx(4 / math.pi * 0.3, rel=0.1)
    assert contrasts[0] / contrasts[1] == pytest.approx(3, rel=0.05)


def test_noise_is_as_large_as_the_preset_says():
    quiet, noisy = (OpticalPreset(0.5, RGB_0M5.bands, 0.2, noise) for noise in (1e-9, 0.01))
    images = [optical_image(plain(Cover.PAVED), preset, VIEW, generator(3)) for preset in (quiet, noisy)]
    level = float(images[0].mean())
    expected = 0.01 * math.sqrt(0.5 + 0.5 * level / 0.2)
    assert float((images[1] - images[0]).std()) == pytest.approx(expected, rel=0.05)


def test_a_finer_surface_is_averaged():
    fine = optical_image(world(256, 2.5, 3, "village"), SENTINEL_2, VIEW, generator())
    assert fine.shape == (3, 64, 64)


@pytest.mark.parametrize(("pixel_size", "side"), [(4.0, 128), (2.5, 126), (20.0, 128)])
def test_cells_that_do_not_make_pixels(pixel_size, side):
    with pytest.raises(ValueError):
        optical_image(plain(Cover.GRASS, side=side, pixel_size=pixel_size), SENTINEL_2, VIEW, generator())


def test_panchromatic_is_one_band_between_its_colours():
    surface = plain(Cover.BARE, pixel_size=2.5)
    pan = optical_image(surface, PAN_2M5, VIEW, generator())
    colour = optical_image(surface, OpticalPreset(2.5, RGB_0M5.bands, 0.15, 0.002), VIEW, generator())
    assert float(colour.mean((1, 2)).min()) < float(pan.mean()) < float(colour.mean((1, 2)).max())
