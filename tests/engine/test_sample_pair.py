"""The sample pair: the same each time, aligned pixel by pixel, and misplaced by exactly what it says."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from sarbridge.engine.simulation.sample_pair import SHIFT_EAST, SHIFT_NORTH, SIDE, write_sample_pair
from scipy.ndimage import gaussian_filter

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """The open SAR and optical images."""
    sar, optical = write_sample_pair(tmp_path_factory.mktemp("sample"))
    with rasterio.open(sar) as sar, rasterio.open(optical) as optical:
        yield sar, optical


def test_formats(pair):
    sar, optical = pair
    assert sar.dtypes == ("float32",) and optical.dtypes == ("uint8",) * 3
    for image in pair:
        assert image.shape == (SIDE, SIDE)
        assert image.res == (10, 10)
        assert image.crs.is_projected and image.crs.linear_units == "metre"
    assert -30 < np.median(sar.read()) < 0


def test_the_optical_georeferencing_is_off_by_the_opposite_of_the_planted_shift(pair):
    sar, optical = pair
    assert optical.transform.c + SHIFT_EAST == sar.transform.c
    assert optical.transform.f + SHIFT_NORTH == sar.transform.f
    assert optical.crs == sar.crs


def test_both_images_show_the_same_ground_pixel_by_pixel(pair):
    """Water is blue in one image and dark in the other: displaced by any whole pixel, it fits less well."""
    sar, optical = (image.read().astype(float) for image in pair)
    is_blue = gaussian_filter((optical[2] > optical[1]).astype(float), 1)
    is_dark = gaussian_filter((gaussian_filter(sar[0], 1) < -18.5).astype(float), 1)
    reach = 4
    inner = np.s_[reach:-reach, reach:-reach]
    fit = {
        (right, down): (np.roll(is_dark, (-down, -right), (0, 1)) * is_blue)[inner].sum()
        for right in range(-reach, reach + 1)
        for down in range(-reach, reach + 1)
    }
    assert max(fit, key=fit.get) == (0, 0)


def test_sar_has_the_speckle_of_several_looks(pair):
    """Deviation over mean of power, in blocks of 8 pixels that lie within one field."""
    power = 10 ** (pair[0].read(1) / 10)
    blocks = power.reshape(SIDE // 8, 8, SIDE // 8, 8).swapaxes(1, 2).reshape(-1, 64)
    calm = np.quantile(blocks.std(axis=1) / blocks.mean(axis=1), 0.2)
    assert 0.2 < calm < 0.5  # 4.4 looks give 0.48, which the blur of the sensor lowers


def test_the_same_seed_gives_the_same_files(pair, tmp_path):
    again = [path.read_bytes() for path in write_sample_pair(tmp_path / "again")]
    assert again == [Path(image.name).read_bytes() for image in pair]
    other = [path.read_bytes() for path in write_sample_pair(tmp_path / "other", seed=8)]
    assert other[0] != again[0] and other[1] != again[1]


def test_the_command_tells_the_planted_shift(tmp_path):
    script = ROOT / "engine" / "simulation" / "sample_pair.py"
    done = subprocess.run([sys.executable, script, tmp_path / "new"], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"Planted shift: {SHIFT_EAST:.2f} m east, {SHIFT_NORTH:.2f} m north" in done.stdout
    assert (tmp_path / "new" / "sar.tif").is_file() and (tmp_path / "new" / "optical.tif").is_file()
