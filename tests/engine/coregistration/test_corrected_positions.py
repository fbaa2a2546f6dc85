"""Where the pixels of a corrected image come from, against a second implementation of each fit."""

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from rasterio.warp import transform as project
from sarbridge.engine.coregistration.coregister import run
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.coordinate_images import (
    HEIGHT,
    NORTH_UP,
    UTM,
    WIDTH,
    coordinates,
    job_for,
    source_of,
    tie_points,
    write,
)
from scipy.interpolate import RBFInterpolator

ROTATED = NORTH_UP * Affine.rotation(25) * Affine.scale(1, 1.3)


def independent_origin(kind, moving, fixed, positions):
    """Where in the moving image's CRS an output position comes from: a second implementation of each fit."""
    centre, scale = fixed.mean(axis=0), 1 / np.ptp(fixed, axis=0).max()
    if kind == "tps":
        return RBFInterpolator((fixed - centre) * scale, moving, kernel="thin_plate_spline")(
            (positions - centre) * scale
        )

    def design(points):
        x, y = ((points - centre) * scale).T
        one = np.ones_like(x)
        return np.stack({"affine": [one, x, y], "polynomial2": [one, x, y, x * x, x * y, y * y]}[kind], axis=1)

    return design(positions) @ np.linalg.lstsq(design(fixed), moving, rcond=None)[0]


def largest_error(output, kind, moving, fixed, transform, crs=UTM):
    """Return the largest position error (source pixels) of an output resampled with 'nearest', and the share compared.

    The nearest pixel's centre may lie half a pixel from the true position; what is beyond is an error of the position.
    """
    with rasterio.open(output) as dataset:
        shown = dataset.read([1, 2])
        rows, cols = np.mgrid[: dataset.height, : dataset.width] + 0.5
        xs, ys = dataset.transform * (cols.ravel(), rows.ravel())
        xs, ys = project(dataset.crs, crs, xs, ys)
    origin = independent_origin(kind, moving, fixed, np.column_stack([xs, ys]))
    expected = np.array((~transform) * tuple(origin.T)).reshape(2, *cols.shape)
    inside = (expected > 3).all(axis=0) & (expected[0] < WIDTH - 3) & (expected[1] < HEIGHT - 3)
    assert np.isfinite(shown[:, inside]).all()
    outside = (expected < -1).any(axis=0) | (expected[0] > WIDTH + 1) | (expected[1] > HEIGHT + 1)
    assert np.isnan(shown[:, outside]).all()
    return np.abs(shown - expected)[:, inside].max() - 0.5, inside.mean()


@pytest.mark.parametrize("geotransform", [NORTH_UP, ROTATED], ids=["north up", "rotated"])
@pytest.mark.parametrize("kind", ["affine", "polynomial2", "tps"])
def test_every_pixel_comes_from_where_the_fit_says(tmp_path, kind, geotransform):
    path = write(tmp_path / "moving.tif", coordinates(), geotransform)
    points = tie_points(kind, geotransform, noise=8)
    run(job_for(path, points, tmp_path / "out.tif", kind, resampling="nearest"), NullReporter())
    error, share = largest_error(tmp_path / "out.tif", kind, points[:, :2], points[:, 2:], geotransform)
    assert error < 0.1
    assert share > (0.9 if geotransform == NORTH_UP else 0.4)


@pytest.mark.parametrize("kind", ["affine", "polynomial2", "tps"])
@pytest.mark.parametrize("resampling", ["bilinear", "cubic", "lanczos"])
def test_interpolated_values_are_those_of_the_position(tmp_path, kind, resampling):
    path = write(tmp_path / "moving.tif", coordinates())
    points = tie_points(kind, noise=8)
    run(job_for(path, points, tmp_path / "out.tif", kind, resampling=resampling), NullReporter())
    error, _ = largest_error(tmp_path / "out.tif", kind, points[:, :2], points[:, 2:], NORTH_UP)
    assert error + 0.5 < 0.1


@pytest.mark.parametrize("kind", ["affine", "polynomial2", "tps"])
def test_another_crs_on_the_fixed_side_and_the_target_grid(tmp_path, kind):
    """Fixed positions and target grid in longitude and latitude, 0.0002° pixels."""
    degrees = CRS.from_epsg(4326)
    path = write(tmp_path / "moving.tif", coordinates())
    target = write(
        tmp_path / "t.tif", np.zeros((1, 250, 300), np.uint8), Affine(2e-4, 0, 3.01, 0, -2e-4, 36.14), degrees
    )
    points = tie_points(kind, noise=8)
    in_degrees = points.copy()
    in_degrees[:, 2:] = np.transpose(project(UTM, degrees, *points[:, 2:].T))
    job = job_for(
        path,
        in_degrees,
        tmp_path / "out.tif",
        kind,
        resampling="nearest",
        fixed_crs=degrees.to_wkt(),
        target=source_of(target, degrees),
    )
    run(job, NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output, rasterio.open(target) as wanted:
        assert (output.transform, output.shape, output.crs) == (wanted.transform, wanted.shape, wanted.crs)
    error, share = largest_error(tmp_path / "out.tif", kind, points[:, :2], points[:, 2:], NORTH_UP)
    assert error < 0.1
    assert share > 0.5


def corrected(path, crs, points, fixed_crs):
    """Correct an image in `crs` by an affine transform into out.tif beside it; return the numbers."""
    crss = {"moving": source_of(path, crs), "fixed_crs": fixed_crs.to_wkt()}
    job = job_for(path, points, path.with_name("out.tif"), "affine", resampling="nearest", **crss)
    return run(job, NullReporter())


def test_a_geographic_moving_image_and_a_crs_that_the_user_set(tmp_path):
    """The file carries no CRS; the job's is WGS 84. One degree pixel is 0.0001°."""
    degrees = CRS.from_epsg(4326)
    geotransform = Affine(1e-4, 0, 11, 0, -1e-4, 60)
    path = write(tmp_path / "moving.tif", coordinates(), geotransform, crs=None)
    offset = np.array([11.3e-4, -7.7e-4])
    xs, ys = geotransform * (np.random.default_rng(0).uniform(0, 500, (2, 20)))
    moving = np.column_stack([xs, ys])
    points = np.hstack([moving, moving + offset])
    numbers = corrected(path, degrees, points, degrees)
    with rasterio.open(tmp_path / "out.tif") as output:
        assert output.crs == degrees
    error, _ = largest_error(tmp_path / "out.tif", "affine", moving, points[:, 2:], geotransform, degrees)
    assert error < 0.1
    metres_per_degree = 111_320 * np.cos(np.radians(59.97))  # a sphere's; good to 0.5 %
    assert numbers["shift_x_m"] == pytest.approx(offset[0] * metres_per_degree, rel=5e-3)
    assert numbers["shift_y_m"] == pytest.approx(offset[1] * 111_412, rel=5e-3)


def test_an_image_in_degrees_keeps_its_count_across_the_180_meridian(tmp_path):
    """The image runs from 179.97° to 180.04°; the fixed positions are in UTM, which PROJ counts from -180°."""
    degrees, utm = CRS.from_epsg(4326), CRS.from_epsg(32760)
    geotransform = Affine(1e-4, 0, 179.97, 0, -1e-4, -17)
    path = write(tmp_path / "moving.tif", coordinates(), geotransform, degrees)
    moving = np.random.default_rng(0).uniform([179.98, -17.04], [180.03, -17.01], (40, 2))
    fixed = moving + [11.3e-4, -7.7e-4]
    points = np.column_stack([moving, *project(degrees, utm, *fixed.T)])
    points[::2, 0] = (points[::2, 0] + 180) % 360 - 180  # moving positions may be counted either way
    numbers = corrected(path, degrees, points, utm)
    error, share = largest_error(tmp_path / "out.tif", "affine", moving, fixed, geotransform, degrees)
    assert error < 0.1
    assert share > 0.9
    assert numbers["shift_x_m"] == pytest.approx(11.3e-4 * 111_320 * np.cos(np.radians(17.025)), rel=5e-3)


def test_the_own_grid_holds_the_whole_corrected_image_on_its_own_lattice(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    points = tie_points("shift") + [0, 0, 40 - 173, 20 - 116]  # whole pixels: nothing needs to change
    target_free = run(job_for(path, points, tmp_path / "out.tif", "affine"), NullReporter())
    with rasterio.open(target_free["output"]) as output:
        assert output.shape == (HEIGHT, WIDTH)
        assert output.transform.almost_equals(Affine.translation(40, 20) * NORTH_UP, precision=1e-6)
        assert np.abs(output.read() - coordinates()).max() < 1e-6


def test_a_shift_onto_the_other_images_grid_is_warped(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    target = write(tmp_path / "target.tif", np.zeros((1, 100, 120), np.uint8), NORTH_UP * Affine.translation(50, 40))
    job = job_for(path, tie_points("shift"), tmp_path / "out.tif", "shift", target=source_of(target))
    run(job, NullReporter())
    rows, cols = np.mgrid[:100, :120] + 0.5
    with rasterio.open(tmp_path / "out.tif") as output:
        shown = output.read()
    assert np.abs(shown - [cols + 50 - 17.3, rows + 40 + 11.6]).max() < 0.1
