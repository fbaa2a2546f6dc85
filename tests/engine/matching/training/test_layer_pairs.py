"""Pairs of users' layers: what files show, in 8 bits, read when it is looked at and moved where it is to be."""

from functools import partial

import numpy as np
import pytest
import rasterio
import torch
from sarbridge.contract.training_jobs import AlignedLayers
from sarbridge.engine.matching.training import layer_pairs
from sarbridge.engine.matching.training.layer_pairs import PatchPixels, is_filled, pairs_of, squares_of, value_range
from sarbridge.engine.matching.training.matching_scene import matching_scene
from sarbridge.engine.matching.training.published_samples import PublishedSampler
from sarbridge.engine.rasters.grid import Window
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.engine.rasters.radiometry import optical_radiometry
from sarbridge.engine.rasters.raster_sample import sample_raster
from sarbridge.engine.training.places import learning_places
from sarbridge.engine.training.scene_patches import PatchReader
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.matching.layers_to_match import write_pair
from sarbridge.tests.engine.translation.sar_images import write_sar


@pytest.fixture
def reads(monkeypatch):
    """The windows that are read from files, one after the other."""
    windows, read = [], PatchReader.read
    monkeypatch.setattr(PatchReader, "read", lambda self, window: windows.append(window) or read(self, window))
    return windows


def places_of(layers, rim=0):
    return learning_places([layers], partial(matching_scene, rim=rim), KeptReports())


def test_a_pair_shows_its_place_in_eight_bits(tmp_path):
    layers = write_pair(tmp_path)
    with places_of(layers) as places:
        low, high = value_range(places)
        pixels = PatchPixels((low, high))
        place = places.training[-1]
        [pair] = pairs_of([place], pixels)
        col, row, width, height = place.window
        with rasterio.open(layers.sar.path) as file:
            decibels = file.read(1)[row : row + height, col : col + width]
        with rasterio.open(layers.optical.path) as file:
            colours = file.read()[:, row : row + height, col : col + width].astype(float)
        expected = 255 * ((decibels - low) / (high - low)).clip(0, 1)
        assert pair.size == (256, 256) and pair.sar.dtype == torch.uint8
        assert np.abs(pair.sar[0].numpy() - expected).max() <= 0.51
        for band, numbers in zip(pair.optical.numpy(), colours):
            inside = (band > 0) & (band < 255)
            assert inside.mean() > 0.9 and np.corrcoef(band[inside], numbers[inside])[0, 1] > 0.9999


def test_grey_is_what_matching_reads_however_far_bands_are_apart(tmp_path):
    """Near infrared three times as bright as the others: in the range of the mean it would be white throughout."""
    layers = write_pair(tmp_path)
    with rasterio.open(layers.optical.path) as file:
        colours, profile = file.read().astype(float), {**file.profile, "dtype": "uint16"}
    deviations = (colours - colours.mean((1, 2), keepdims=True)) / colours.std((1, 2), keepdims=True)
    infrared, red = 3000 + 700 * deviations[0], 800 + 60 * deviations[1]
    with rasterio.open(layers.optical.path, "w", **profile) as file:
        file.write(np.stack((infrared, red, np.full_like(red, 40))).round().astype("uint16"))
    with places_of(layers) as places:
        scene, place = places.scenes[0], places.training[-1]
        [pair] = pairs_of([place], PatchPixels(value_range(places)))
        with GridReader(layers.optical, scene.grid) as raw:
            radiometry = optical_radiometry(sample_raster(raw))
        with GridReader(layers.optical, scene.grid, radiometry) as reader:
            read, _ = reader.read(place.window)
        assert np.abs(pair.grey().numpy() - read).max() <= 0.51 / 255
        assert torch.equal(pair.grey(slice(10, 20), slice(5, 9)), pair.grey()[10:20, 5:9])
        assert len(pair.optical) == 2, "a band of one value teaches nothing"
        for band in pair.optical:
            assert ((band > 0) & (band < 255)).float().mean() > 0.9


def test_a_patch_that_is_moved_onto_a_hole_is_not_filled(tmp_path):
    layers = write_pair(tmp_path)
    with places_of(layers, 18) as places:
        place = places.training[0]
        assert is_filled(place, torch.tensor([9.0, -9.0]))
    with rasterio.open(layers.optical.path) as file:
        colours, profile = file.read().astype(np.float32), {**file.profile, "dtype": "float32"}
        corner = ~file.transform * tuple(map(float, place.scene.grid.to_map(*place.window[:2])))
    col, row = map(round, corner)
    colours[:, row : row + 256, col - 9 : col - 5] = np.nan
    with rasterio.open(layers.optical.path, "w", **profile) as file:
        file.write(colours)
    with PatchReader(place.scene) as reader:
        place = place._replace(reader=reader)
        assert is_filled(place, torch.tensor([2.0, 0.0])) and is_filled(place, torch.tensor([-9.0, 9.0]))
        assert not is_filled(place, torch.tensor([7.0, 0.0]))


def test_each_band_is_a_pair(tmp_path):
    layers = write_pair(tmp_path)
    with rasterio.open(layers.sar.path) as file:
        decibels = file.read(1)
    both = write_sar(tmp_path / "both.tif", decibels, decibels[::-1] - 7)
    with places_of(AlignedLayers(both, layers.optical, ("VV", "VH"))) as places:
        one, other = pairs_of(places.training[:1], PatchPixels(value_range(places)))
        assert not torch.equal(one.sar, other.sar) and torch.equal(one.optical, other.optical)
        assert float(one.sar.float().mean()) > float(other.sar.float().mean()) + 20


def test_a_moved_patch_shows_what_it_would_if_the_layers_were_aligned(tmp_path):
    """Also at its rim, and also by parts of a pixel."""
    shift = torch.tensor([-4.0, 3.0])  # from where the optical image is misplaced to
    with places_of(write_pair(tmp_path)) as aligned, places_of(write_pair(tmp_path, (4, -3), "_b"), 18) as places:
        place = places.training[0]
        values = value_range(places)
        [moved] = pairs_of([place], PatchPixels(values, {place: shift}))
        [half] = pairs_of([place], PatchPixels(values, {place: shift + 0.5}))
        corner = place.scene.grid.to_map(*place.window[:2])  # the two grids begin where their layers overlap
        col, row = (round(float(each)) for each in aligned.scenes[0].grid.to_pixel(*corner))
        images, _ = aligned.readers[0].read(Window(col, row, 256, 256))
        truth = (255 * torch.from_numpy(images.optical[1:])).round()
        near = (moved.optical.float() - truth).abs()
        assert near.mean() < 2 and near[:, :8].mean() < 2 and near[..., -8:].mean() < 2
        assert (half.optical.float() - truth).abs().mean() > 2 * near.mean()


def test_pixels_are_read_when_they_are_looked_at_and_no_more_are_kept_than_fit(tmp_path, monkeypatch, reads):
    monkeypatch.setattr(layer_pairs, "_REMEMBERED", 2)
    with places_of(write_pair(tmp_path)) as places:
        pairs = pairs_of(places.training, PatchPixels((-20, 0)))
        assert len(pairs) > 2
        reads.clear()
        sampler = PublishedSampler([(pairs, 1.0)])
        assert reads == []
        sampler.draw(2, torch.Generator().manual_seed(0))
        assert 1 <= len(reads) <= 2
        reads.clear()
        for pair in (*pairs[:3], pairs[2], pairs[0]):
            assert pair.sar.shape == (1, 256, 256) and pair.optical.shape == (3, 256, 256)
        assert [(each.col, each.row) for each in reads[-2:]] == [places.training[n].window[:2] for n in (2, 0)]


def test_squares_show_all_ground_once_and_move_as_their_places(tmp_path):
    """Places overlap by half; each square of 128 pixels is there once, and shows one of two bands."""
    layers = write_pair(tmp_path, width=1100)
    with rasterio.open(layers.sar.path) as file:
        decibels = file.read(1)
    both = write_sar(tmp_path / "both.tif", decibels, decibels - 7)
    with places_of(AlignedLayers(both, layers.optical, ("VV", "VH")), 18) as places:
        first, *others = places.training
        shifted = PatchPixels((-40, 0), {first: torch.tensor([3.0, 0.0])})
        squares, still = (squares_of([first, *others], pixels, 128) for pixels in (shifted, PatchPixels((-40, 0))))
        shown = [(int(row), int(col)) for row, col in (pair.name.split("/")[1:] for pair in squares)]
        corners = {
            (place.window.row + down, place.window.col + right)
            for place in (first, *others)
            for down in (0, 128)
            for right in (0, 128)
        }
        assert len(others) > 0 and len(shown) == len(set(shown)) < 4 * (1 + len(others)) and set(shown) == corners
        assert all(pair.size == (128, 128) and len(pair.sar) == 1 for pair in squares)
        one, other = (pair.sar.float().mean() for pair in squares[:2])
        assert one > other + 20  # 7 dB of 40 are 45 grey values
        moved = [not torch.equal(a.optical, b.optical) for a, b in zip(squares, still)]
        assert sum(moved) == 4 and all(moved[:4])
        assert all(torch.equal(a.sar, b.sar) for a, b in zip(squares, still))
