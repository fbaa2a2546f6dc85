"""A shift on the image's own grid: the geotransform moves, and every pixel, colour and mask stays as it is."""

import resource
import time

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio.transform import Affine
from sarbridge.engine.coregistration.coregister import run
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.coordinate_images import (
    NORTH_UP,
    SCALE,
    UTM,
    coordinates,
    job_for,
    palette_image,
    tie_points,
    write,
)


def test_a_shift_to_vrt_moves_the_image_and_keeps_everything_else(tmp_path):
    classes = palette_image(tmp_path / "moving.tif")
    points = tie_points("shift")
    (tmp_path / "out").mkdir()
    numbers = run(job_for(tmp_path / "moving.tif", points, tmp_path / "out" / "out.vrt", "shift"), NullReporter())
    with rasterio.open(tmp_path / "out" / "out.vrt") as output, rasterio.open(tmp_path / "moving.tif") as moving:
        assert output.transform.almost_equals(Affine.translation(173, 116) * NORTH_UP, precision=1e-6)
        assert (output.read() == classes).all()
        assert output.colormap(1) == moving.colormap(1)
        assert output.tags(1) == moving.tags(1)
        assert output.descriptions == ("classes",)
        assert output.crs == UTM
    assert numbers["shift_x_m"] == pytest.approx(173 / SCALE, abs=0.06)  # grid north is not quite true north
    assert numbers["shift_y_m"] == pytest.approx(116 / SCALE, abs=0.08)
    assert (numbers["scale"], numbers["rotation_deg"]) == pytest.approx((1, 0), abs=1e-9)


def test_a_vrt_beside_its_image_can_move_house_with_it(tmp_path):
    (tmp_path / "here").mkdir()
    path = write(tmp_path / "here" / "moving.tif", coordinates())
    run(job_for(path, tie_points("shift"), tmp_path / "here" / "out.vrt", "shift"), NullReporter())
    (tmp_path / "here").rename(tmp_path / "there")
    with rasterio.open(tmp_path / "there" / "out.vrt") as output:
        assert (output.read() == coordinates()).all()


@pytest.mark.parametrize("dtype", ["uint8", "int16", "uint16", "float32", "float64", "complex64", "complex128"])
@pytest.mark.parametrize("compression", ["none", "lzw", "deflate", "zstd"])
def test_a_shift_to_tif_keeps_every_bit(tmp_path, dtype, compression):
    values = np.random.default_rng(0).integers(0, 200, (2, 100, 90)).astype(dtype)
    path = write(tmp_path / "moving.tif", values, nodata=7)
    job = job_for(path, tie_points("shift"), tmp_path / "out.tif", "shift", compression=compression)
    run(job, NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        assert output.read().tobytes() == values.tobytes()
        assert output.nodata == 7
        assert output.transform.almost_equals(Affine.translation(173, 116) * NORTH_UP, precision=1e-6)
        assert (output.compression.value.lower() if output.compression else "none") == compression


@pytest.mark.parametrize("suffix", ["tif", "vrt"])
def test_the_mask_of_a_virtual_raster_is_found_from_anywhere(tmp_path, suffix):
    masked, out = tmp_path / "masked", tmp_path / "out"
    masked.mkdir()
    out.mkdir()
    write_masked(masked / "moving.tif")
    rasterio.shutil.copy(masked / "moving.tif", masked / "moving.vrt", driver="VRT")
    run(job_for(masked / "moving.vrt", tie_points("shift"), out / f"out.{suffix}", "shift"), NullReporter())
    with rasterio.open(out / f"out.{suffix}") as output:
        assert (output.dataset_mask() == 255 * (np.tri(60, 50) > 0)).all()


def write_masked(path):
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        write(path, np.ones((3, 60, 50), np.uint8))
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(np.tri(60, 50) > 0)


def test_a_shift_keeps_the_mask_inside_the_file(tmp_path):
    path = tmp_path / "moving.tif"
    write_masked(path)
    run(job_for(path, tie_points("shift"), tmp_path / "out.tif", "shift"), NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        assert (output.dataset_mask() == 255 * (np.tri(60, 50) > 0)).all()
    assert sorted(file.name for file in tmp_path.iterdir()) == ["moving.tif", "out.tif"]


def test_a_shift_to_vrt_reads_no_pixel_of_a_huge_image(tmp_path):
    path = tmp_path / "huge.tif"
    shape = {"width": 50_000, "height": 50_000, "count": 3, "dtype": "uint16", "tiled": True}
    with rasterio.open(path, "w", driver="GTiff", crs=UTM, transform=NORTH_UP, **shape, SPARSE_OK=True, BIGTIFF="YES"):
        pass
    job = job_for(path, tie_points("shift"), tmp_path / "out.vrt", "shift")
    started, memory = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(job, NullReporter())
    assert time.perf_counter() - started < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 100_000  # kilobytes; the pixels are 15 GB
    with rasterio.open(tmp_path / "out.vrt") as output:
        assert output.shape == (50_000, 50_000) and output.count == 3
