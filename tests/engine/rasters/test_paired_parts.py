"""Real and imaginary part in two bands: told from other bands, and read as one complex image."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio
from sarbridge.engine.rasters.complex_reader import ComplexReader
from sarbridge.engine.rasters.grid import Window
from sarbridge.engine.rasters.own_pixels import PowerReader, own_grid
from sarbridge.engine.rasters.paired_parts import are_parts, as_complex
from sarbridge.engine.rasters.raster_sample import sample_raster
from sarbridge.tests.engine.rasters.placed_images import ROTATED, write_anywhere

NAMES = ["parts.tif", "a & b's <parts>.tif"]


def parts(height=64, width=80, kind=np.float32):
    return (100 * np.random.default_rng(0).normal(size=(2, height, width))).astype(kind)


def read(source):
    found = as_complex(source)
    assert found.bands == (1,) and found.name == source.name
    with ComplexReader(found, own_grid(source)) as reader:
        return reader.read_bands(Window(0, 0, reader.grid.width, reader.grid.height))


def looks_like_parts(tmp_path, values):
    source = write_anywhere(tmp_path / "bands.tif", values)
    samples = []
    for band in source.bands:
        with PowerReader(replace(source, bands=(band,)), own_grid(source)) as reader:
            samples.append(sample_raster(reader))
    return are_parts(tuple(samples))


@pytest.mark.parametrize("kind", [np.float32, np.int16])
@pytest.mark.parametrize("transform", [None, ROTATED])
@pytest.mark.parametrize("name", NAMES)
def test_two_bands_are_read_as_one_complex_image(name, transform, kind, tmp_path):
    values = parts(kind=kind)
    found, valid = read(write_anywhere(tmp_path / name, values, transform))
    np.testing.assert_array_equal(found, values)
    assert valid.all()


def test_bands_in_the_other_order(tmp_path):
    values = parts()
    source = replace(write_anywhere(tmp_path / "parts.tif", values), bands=(2, 1))
    np.testing.assert_array_equal(read(source)[0], values[::-1])


def test_what_either_band_does_not_know_is_no_data(tmp_path):
    values = parts(kind=np.int16)
    values[0, :3] = values[1, 2:5] = -9999
    found, valid = read(write_anywhere(tmp_path / "parts.tif", values, nodata=-9999))
    assert not valid[:5].any() and valid[5:].all()
    values = parts()
    values[0, 7] = np.nan
    assert not read(write_anywhere(tmp_path / "nan.tif", values))[1][7].any()


def test_one_part_may_be_zero_although_zero_is_no_data(tmp_path):
    values = parts(kind=np.int16)
    values[0, :3] = 0
    values[:, 5] = 0
    _, valid = read(write_anywhere(tmp_path / "parts.tif", values, nodata=0))
    assert valid[:3].mean() > 0.95 and not valid[5].any()


def test_values_that_the_user_declared_no_data(tmp_path):
    values = parts()
    values[:, :4] = -32768
    source = write_anywhere(tmp_path / "parts.tif", values)
    _, valid = read(replace(source, nodata=((-32768.0, -32768.0),)))
    assert not valid[:4].any() and valid[4:].all()


def test_scaled_bands(tmp_path):
    values = parts(kind=np.int16)
    source = write_anywhere(tmp_path / "parts.tif", values)
    with rasterio.open(source.path, "r+") as file:
        file.scales, file.offsets = (0.5, 0.5), (0.25, 0.0)
    found, _ = read(source)
    np.testing.assert_array_equal(found, 0.5 * values + np.array([0.25, 0])[:, None, None])


def test_parts_are_told_from_other_bands(tmp_path):
    values = parts(256, 256)
    amplitude = np.abs(values)
    decibels = 20 * np.log10(amplitude + 1) - np.array([45, 52], np.float32)[:, None, None]
    cases = {
        "floats": (values, True),
        "integers": (values.astype(np.int16), True),
        "integers, many of them 0": ((values / 100).astype(np.int16), True),
        "a polarisation that is fainter": (values * np.array([1, 0.5], np.float32)[:, None, None], False),
        "amplitudes": (amplitude, False),
        "decibels": (decibels, False),
        "phase beside amplitude": (np.stack([amplitude[0], np.arctan2(*values)]), False),
        "off zero": (values + 30, False),
    }
    for name, (bands, expected) in cases.items():
        assert looks_like_parts(tmp_path, bands) == expected, name
