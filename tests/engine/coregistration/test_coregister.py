"""A co-registration: its numbers, and what it refuses before anything is written."""

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.engine.coregistration.coregister import run
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.tests.coordinate_images import (
    HEIGHT,
    NORTH_UP,
    SCALE,
    WIDTH,
    coordinates,
    job_for,
    source_of,
    tie_points,
    write,
)


def test_the_numbers_of_a_planted_rotation_scale_and_noise(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    moving = tie_points("shift", count=2000)[:, :2]
    centre = moving.mean(axis=0)
    turn = np.radians(0.5)
    matrix = 1.01 * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    noise = np.random.default_rng(1).normal(0, 5, moving.shape)
    fixed = (moving - centre) @ matrix.T + centre + [20, -30] + noise
    numbers = run(job_for(path, np.hstack([moving, fixed]), tmp_path / "out.tif", "affine"), NullReporter())
    assert numbers["rotation_deg"] == pytest.approx(0.5, abs=0.01)
    assert numbers["scale"] == pytest.approx(1.01, abs=2e-4)
    assert numbers["shift_x_m"] == pytest.approx((20 + noise[:, 0].mean()) / SCALE, abs=0.02)
    assert numbers["rmse_m"] == pytest.approx(5 * np.sqrt(2) / 1.01 / SCALE, rel=0.03)
    assert numbers["rmse_px"] == pytest.approx(numbers["rmse_m"] / 10 * SCALE, rel=1e-5)
    assert numbers["rmse_m"] < numbers["loo_m"] < 1.01 * numbers["rmse_m"]
    assert numbers["point_count"] == 2000


def test_points_weigh_by_the_errors_to_be_expected_of_them(tmp_path):
    """Every other point is off by 8 pixels to the east, and known to be unsure."""
    path = write(tmp_path / "moving.tif", coordinates())
    points = tie_points("shift", count=40)
    wrong = np.arange(40) % 2 == 1
    points[wrong, 2] += 80
    shift = (points[~wrong, 2:] - points[~wrong, :2]).mean(axis=0)
    found = {}
    for name, sigmas in (("alike", ()), ("weighed", tuple(np.where(wrong, 20.0, 0.2)))):
        job = job_for(path, points, tmp_path / f"{name}.tif", "shift", point_sigmas=sigmas)
        run(job, NullReporter())
        with rasterio.open(job.moving.path) as moving, rasterio.open(job.output) as output:
            found[name] = output.transform.c - moving.transform.c, output.transform.f - moving.transform.f
    assert found["weighed"] == pytest.approx(shift, abs=0.02)
    assert found["alike"] == pytest.approx(shift + [40, 0], abs=0.02)


def test_errors_of_points_are_above_none_and_one_for_each(tmp_path):
    for sigmas in ((1.0, 2.0), (1.0, 2.0, 0.0), (1.0, 2.0, np.nan), (1.0, 2.0, np.inf)):
        with pytest.raises(ValueError, match="errors"):
            job_for(tmp_path / "a.tif", tie_points("shift")[:3], tmp_path / "b.tif", "shift", point_sigmas=sigmas)


def test_the_accuracy_is_told_before_anything_is_written(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    told = []

    def listen(message):
        told.append((message, sorted(file.name for file in tmp_path.iterdir())))

    run(job_for(path, tie_points("affine", noise=5), tmp_path / "out.tif", "affine"), Reporter(listen))
    message, files = next(entry for entry in told if "RMSE" in entry[0].get("text", ""))
    assert "leave-one-out" in message["text"]
    assert files == ["moving.tif"]
    assert told[-1][0]["fraction"] == 1


@pytest.mark.parametrize("kind", ["shift", "affine", "polynomial2", "tps"])
def test_contradictory_points_are_refused(tmp_path, kind):
    path = write(tmp_path / "moving.tif", coordinates())
    points = tie_points("shift", count=100)
    points[:, 2:] += np.random.default_rng(0).uniform(-320, 320, (100, 2))
    with pytest.raises(UserError, match="contradict"):
        run(job_for(path, points, tmp_path / "out.tif", kind), NullReporter())
    assert not (tmp_path / "out.tif").exists()


def test_few_contradictory_points_are_no_shift(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    points = tie_points("shift", count=5)
    points[:, 2:] += np.random.default_rng(0).uniform(-500, 500, (5, 2))
    with pytest.raises(UserError, match="contradict"):
        run(job_for(path, points, tmp_path / "out.tif", "shift"), NullReporter())


def test_samples_of_eleven_bits_are_compressed(tmp_path):
    """As optical images are often delivered; no predictor knows them."""
    values = np.full((1, HEIGHT, WIDTH), 1500, np.uint16)
    path = tmp_path / "moving.tif"
    profile = {"driver": "GTiff", "count": 1, "height": HEIGHT, "width": WIDTH, "dtype": "uint16", "nbits": 11}
    with rasterio.open(path, "w", crs=CRS.from_epsg(32633), transform=NORTH_UP, **profile) as file:
        file.write(values)
    run(job_for(str(path), tie_points("shift"), tmp_path / "out.tif", "shift"), NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        np.testing.assert_array_equal(output.read(), values)
        assert output.profile["compress"] == "deflate"


@pytest.mark.parametrize(
    ("kind", "rows", "words"),
    [
        ("affine", 2, "at least 3"),
        ("polynomial2", 5, "at least 6"),
        ("tps", 3, "at least 4"),
        ("shift", 0, "at least 1"),
    ],
)
def test_too_few_points_are_refused_by_name(tmp_path, kind, rows, words):
    path = write(tmp_path / "moving.tif", coordinates())
    with pytest.raises(UserError, match=f"'moving'.*{words}"):
        run(job_for(path, tie_points("shift", count=60)[:rows], tmp_path / "out.tif", kind), NullReporter())


def test_a_transform_that_runs_away_at_the_edges_is_refused(tmp_path):
    """Points in one corner only, with a strong curvature that folds the rest of the image over."""
    path = write(tmp_path / "moving.tif", coordinates())
    moving = tie_points("shift")[:, :2]
    moving = (moving - [500_000, 4_000_000]) * 0.1 + [500_000, 4_000_000]
    local = (moving - [500_000, 4_000_000]) / 700
    points = np.hstack([moving, moving + 90 * local**2])
    with pytest.raises(UserError, match="runs away"):
        run(job_for(path, points, tmp_path / "out.tif", "polynomial2"), NullReporter())


def test_bands_of_different_types_fit_into_a_vrt_only(tmp_path):
    write(tmp_path / "bytes.tif", np.ones((1, HEIGHT, WIDTH), np.uint8))
    write(tmp_path / "floats.tif", np.full((1, HEIGHT, WIDTH), 0.5, np.float32))
    bands = "".join(
        f'<VRTRasterBand dataType="{kind}" band="{band}"><SimpleSource>'
        f'<SourceFilename relativeToVRT="1">{name}.tif</SourceFilename></SimpleSource></VRTRasterBand>'
        for band, (kind, name) in enumerate([("Byte", "bytes"), ("Float32", "floats")], start=1)
    )
    path = tmp_path / "mixed.vrt"
    head = f'<VRTDataset rasterXSize="{WIDTH}" rasterYSize="{HEIGHT}"><GeoTransform>'
    path.write_text(head + ",".join(map(str, NORTH_UP.to_gdal())) + f"</GeoTransform>{bands}</VRTDataset>")
    for kind in ("shift", "affine"):
        with pytest.raises(UserError, match="different data types"):
            run(job_for(path, tie_points(kind), tmp_path / "out.tif", kind), NullReporter())
    run(job_for(path, tie_points("shift"), tmp_path / "out.vrt", "shift"), NullReporter())
    with rasterio.open(tmp_path / "out.vrt") as output:
        assert output.dtypes == ("uint8", "float32")
        assert (output.read(2) == 0.5).all()


def test_a_target_grid_elsewhere_is_refused(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    target = write(tmp_path / "target.tif", np.zeros((1, 50, 50), np.uint8), Affine.translation(90_000, 0) * NORTH_UP)
    with pytest.raises(UserError, match="outside the target grid"):
        run(job_for(path, tie_points("affine"), tmp_path / "o.tif", "affine", target=source_of(target)), NullReporter())
    assert not (tmp_path / "o.tif").exists()


@pytest.mark.parametrize("angle", [0, 90, 180, 270])
def test_pixels_that_are_not_square_keep_their_sides_however_the_image_is_turned(tmp_path, angle):
    """10 map units to the east and 40 to the north, along whichever of columns and rows the image counts them."""
    turned = NORTH_UP * Affine.scale(1, 4) * Affine.rotation(angle, (WIDTH / 2, HEIGHT / 2))
    path = write(tmp_path / "moving.tif", coordinates(), turned)
    run(job_for(path, tie_points("affine"), tmp_path / "out.tif", "affine"), NullReporter())
    with rasterio.open(tmp_path / "out.tif") as out:
        assert (out.transform.a, -out.transform.e) == pytest.approx((10, 40))


def test_a_vrt_holds_only_a_shift(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    with pytest.raises(UserError, match="only a shift"):
        run(job_for(path, tie_points("affine"), tmp_path / "out.vrt", "affine"), NullReporter())


def test_an_existing_output_survives_a_failure_and_yields_to_success(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates(), tiled=True, compress="deflate")
    output = tmp_path / "out.tif"
    output.write_text("precious")
    damaged = tmp_path / "damaged.tif"
    damaged.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    for kind in ("affine", "shift"):
        with pytest.raises(UserError, match="'moving' cannot be read"):
            run(job_for(damaged, tie_points(kind), output, kind), NullReporter())
        assert output.read_text() == "precious"
    run(job_for(path, tie_points("affine"), output, "affine"), NullReporter())
    assert rasterio.open(output).count == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["damaged.tif", "moving.tif", "out.tif"]


def test_an_image_across_the_180_meridian_is_not_laid_onto_a_grid_of_another_system(tmp_path):
    degrees, utm = CRS.from_epsg(4326), CRS.from_epsg(32760)
    path = write(tmp_path / "moving.tif", coordinates(), Affine(1e-4, 0, 179.97, 0, -1e-4, -17), degrees)
    target = write(tmp_path / "target.tif", np.zeros((1, 50, 50), np.uint8), crs=utm)
    moving = np.random.default_rng(0).uniform([179.98, -17.04], [180.02, -17.01], (20, 2))
    job = job_for(
        path,
        np.hstack([moving, moving]),
        tmp_path / "out.tif",
        "affine",
        moving=source_of(path, degrees),
        fixed_crs=degrees.to_wkt(),
        target=source_of(target, utm),
    )
    with pytest.raises(UserError, match="'moving' runs across the 180° meridian"):
        run(job, NullReporter())
    assert not (tmp_path / "out.tif").exists()
