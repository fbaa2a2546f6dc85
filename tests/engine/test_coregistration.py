"""Co-registration of images whose values are their own pixel coordinates: each output pixel tells its origin."""

import resource
import time

import numpy as np
import pytest
import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp
from rasterio.transform import Affine
from rasterio.warp import transform as project
from sarbridge.engine.coregistration import run
from sarbridge.engine.errors import UserError
from sarbridge.engine.jobs import CoregisterJob, RasterSource
from sarbridge.engine.reporting import NullReporter, Reporter
from scipy.interpolate import RBFInterpolator

UTM = CRS.from_epsg(32631)
NORTH_UP = Affine(10, 0, 500_000, 0, -10, 4_000_000)
ROTATED = NORTH_UP * Affine.rotation(25) * Affine.scale(1, 1.3)
WIDTH, HEIGHT = 700, 560


def write(path, values, transform=NORTH_UP, crs=UTM, **profile):
    values = np.asarray(values)
    count, height, width = values.shape
    shape = {"count": count, "height": height, "width": width, "dtype": profile.pop("dtype", values.dtype.name)}
    with rasterio.open(path, "w", driver="GTiff", crs=crs, transform=transform, **shape, **profile) as dataset:
        dataset.write(values)
    return path


def coordinates(width=WIDTH, height=HEIGHT):
    """An image of two float bands: column and row of each pixel's centre."""
    rows, cols = np.mgrid[:height, :width] + 0.5
    return np.stack([cols, rows])


def source_of(path, crs=UTM, **kwargs):
    return RasterSource(name="moving", path=str(path), crs=crs.to_wkt(), **kwargs)


def tie_points(kind, transform=NORTH_UP, count=60, seed=0, noise=0.0):
    """Tie points whose true offsets (fixed minus moving, metres) are of the kind; rows as a job takes them."""
    random = np.random.default_rng(seed)
    cols, rows = random.uniform(0, WIDTH, count), random.uniform(0, HEIGHT, count)
    x, y = cols / WIDTH, rows / HEIGHT
    offsets = {
        "shift": (173 + 0 * x, 116 + 0 * x),
        "affine": (173 + 60 * x - 40 * y, 116 + 40 * x + 60 * y),
        "polynomial2": (173 + 60 * x - 80 * y * y, 116 + 70 * x * y),
        "tps": (173 + 50 * np.sin(4 * x + y), 116 + 40 * np.cos(5 * y)),
    }[kind]
    moving = np.column_stack([transform.a * cols + transform.b * rows + transform.c,
                              transform.d * cols + transform.e * rows + transform.f])  # fmt: skip
    return np.hstack([moving, moving + np.stack(offsets, axis=1) + random.normal(0, noise, (count, 2))])


def job_for(path, points, output, kind, **kwargs):
    kwargs = {"fixed_crs": UTM.to_wkt(), "moving": source_of(path), **kwargs}
    return CoregisterJob(
        points=tuple(map(tuple, np.asarray(points).tolist())), output=str(output), transform=kind, **kwargs
    )


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
    expected = np.array((~transform) @ tuple(origin.T)).reshape(2, *cols.shape)
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


def test_a_geographic_moving_image_and_a_crs_that_the_user_set(tmp_path):
    """The file carries no CRS; the job's is WGS 84. One degree pixel is 0.0001°."""
    degrees = CRS.from_epsg(4326)
    geotransform = Affine(1e-4, 0, 11, 0, -1e-4, 60)
    path = write(tmp_path / "moving.tif", coordinates(), geotransform, crs=None)
    offset = np.array([11.3e-4, -7.7e-4])
    xs, ys = geotransform * (np.random.default_rng(0).uniform(0, 500, (2, 20)))
    moving = np.column_stack([xs, ys])
    points = np.hstack([moving, moving + offset])
    job = job_for(
        path,
        points,
        tmp_path / "out.tif",
        "affine",
        resampling="nearest",
        moving=source_of(path, degrees),
        fixed_crs=degrees.to_wkt(),
    )
    numbers = run(job, NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        assert output.crs == degrees
    error, _ = largest_error(tmp_path / "out.tif", "affine", moving, points[:, 2:], geotransform, degrees)
    assert error < 0.1
    metres_per_degree = 111_320 * np.cos(np.radians(59.97))  # a sphere's; good to 0.5 %
    assert numbers["shift_x_m"] == pytest.approx(offset[0] * metres_per_degree, rel=5e-3)
    assert numbers["shift_y_m"] == pytest.approx(offset[1] * 111_412, rel=5e-3)


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
    assert numbers["shift_x_m"] == pytest.approx(20 + noise[:, 0].mean(), abs=1e-6)
    assert numbers["rmse_m"] == pytest.approx(5 * np.sqrt(2) / 1.01, rel=0.03)
    assert numbers["rmse_px"] == pytest.approx(numbers["rmse_m"] / 10)
    assert numbers["rmse_m"] < numbers["loo_m"] < 1.01 * numbers["rmse_m"]
    assert numbers["point_count"] == 2000


def palette_image(path):
    classes = np.random.default_rng(0).integers(0, 5, (1, HEIGHT, WIDTH)).astype(np.uint8)
    write(path, classes)
    with rasterio.open(path, "r+") as dataset:
        dataset.write_colormap(1, {value: (value, 255 - value, 7, 255) for value in range(256)})
        dataset.update_tags(1, legend="land cover")
        dataset.set_band_description(1, "classes")
    return classes


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
    assert numbers["shift_x_m"] == pytest.approx(173) and numbers["shift_y_m"] == pytest.approx(116)
    assert numbers["scale"] == 1 and numbers["rotation_deg"] == 0


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


def test_a_shift_keeps_the_mask_inside_the_file(tmp_path):
    path = tmp_path / "moving.tif"
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        write(path, np.ones((3, 60, 50), np.uint8))
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(np.tri(60, 50) > 0)
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


@pytest.mark.parametrize("kind", ["affine", "polynomial2", "tps"])
def test_classes_are_never_mixed(tmp_path, kind):
    palette_image(tmp_path / "moving.tif")
    messages = []
    job = job_for(tmp_path / "moving.tif", tie_points(kind), tmp_path / "out.tif", kind, resampling="cubic")
    run(job, Reporter(messages.append))
    with rasterio.open(tmp_path / "out.tif") as output:
        assert output.colorinterp[0] == ColorInterp.palette
        assert output.colormap(1)[3] == (3, 252, 7, 255)
        assert set(np.unique(output.read(1))) == set(range(5))
        assert output.descriptions[0] == "classes" and output.tags(1)["legend"] == "land cover"
        assert 0 in output.dataset_mask()
    assert any("classes" in message.get("text", "") for message in messages)


@pytest.mark.parametrize(
    "dtype",
    ["uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "uint64", "float32", "float64", "complex64"],
)
@pytest.mark.parametrize("nodata", [None, 9])
def test_uncovered_pixels_are_no_data_in_every_type(tmp_path, dtype, nodata):
    """A constant image with a hole where it has a no-data value; the share of data must be that of the moved image."""
    values = np.full((2, 200, 200), 100, dtype)
    if nodata is not None:
        values[:, 50:150, 50:150] = nodata
    path = write(tmp_path / "moving.tif", values, nodata=nodata)
    target = write(tmp_path / "target.tif", np.zeros((1, 200, 200), np.uint8))
    points = tie_points("shift") + [0, 0, 500 - 173, -116]  # 50 pixels to the right
    run(job_for(path, points, tmp_path / "out.tif", "affine", target=source_of(target)), NullReporter())
    expected = np.zeros((200, 200), bool)
    expected[:, 50:] = True
    if nodata is not None:
        expected[50:150, 100:200] = False
    with rasterio.open(tmp_path / "out.tif") as output:
        assert output.dtypes[0] == dtype
        assert output.count == (3 if dtype == "uint8" and nodata is None else 2)
        mask = (output.read(3) if output.count == 3 else output.read_masks(1)) > 0
        if np.issubdtype(output.dtypes[0], np.complexfloating):
            mask &= np.isfinite(output.read(1))
        assert (mask == expected).mean() > 0.995
        assert (output.read(1)[expected & mask] == 100).all()


def test_alpha_and_mask_travel_with_the_image(tmp_path):
    triangle = np.tri(300, 300) > 0
    rgb = np.full((3, 300, 300), 90, np.uint8)
    with_alpha = write(
        tmp_path / "alpha.tif",
        np.concatenate([rgb, 255 * triangle[None].astype(np.uint8)]),
        photometric="RGB",
        alpha="yes",
    )
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        with_mask = write(tmp_path / "mask.tif", rgb)
        with rasterio.open(with_mask, "r+") as dataset:
            dataset.write_mask(triangle)
    points = tie_points("shift") + [0, 0, 200 - 173, -116]
    for path in (with_alpha, with_mask):
        target = write(tmp_path / "target.tif", np.zeros((1, 300, 300), np.uint8))
        run(job_for(path, points, tmp_path / "out.tif", "affine", target=source_of(target)), NullReporter())
        with rasterio.open(tmp_path / "out.tif") as output:
            assert output.count == 4 and output.colorinterp[3] == ColorInterp.alpha
            covered = output.read(4) > 127
            assert (covered[:, 20:] == triangle[:, :-20]).mean() > 0.99
            assert not covered[:, :20].any()
            assert (output.read(1)[covered] == 90).all()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "complex64"])
def test_value_ranges_that_the_user_excluded_are_not_resampled(tmp_path, dtype):
    values = np.full((1, 100, 100), 4, dtype)
    values[:, :50] = 12  # complex samples are judged by their power, 144
    path = write(tmp_path / "moving.tif", values)
    low, high = (140, 150) if dtype == "complex64" else (11, 13)
    points = tie_points("affine")
    job = job_for(path, points, tmp_path / "out.tif", "affine", moving=source_of(path, nodata=((low, high),)))
    run(job, NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        valid = (output.dataset_mask() > 0) & np.isfinite(output.read(1))
        assert 0.45 < valid.sum() / 10_000 < 0.55
        assert (output.read(1)[valid] == 4).all()


def test_excluded_ranges_are_compared_with_scaled_values(tmp_path):
    values = np.full((1, 100, 100), 4, np.uint8)
    values[:, :50] = 12
    path = write(tmp_path / "moving.tif", values)
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.5,), (100.0,)
    source = source_of(path, nodata=((105.5, 106.5),))  # 12 in the file
    run(job_for(path, tie_points("affine"), tmp_path / "out.tif", "affine", moving=source), NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        valid = output.dataset_mask() > 0
        assert 0.45 < valid.sum() / 10_000 < 0.55
        assert (output.read(1)[valid] == 4).all()


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


def test_inputs_are_never_overwritten(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    (tmp_path / "link.tif").symlink_to(path)
    run(job_for(path, tie_points("shift"), tmp_path / "virtual.vrt", "shift"), NullReporter())
    before = path.read_bytes()
    for moving, output in ((path, path), (path, tmp_path / "link.tif"), (tmp_path / "virtual.vrt", path)):
        with pytest.raises(UserError, match="itself"):
            run(job_for(moving, tie_points("shift"), output, "shift"), NullReporter())
    assert path.read_bytes() == before


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
        with pytest.raises(UserError, match="'moving' cannot be read to its end"):
            run(job_for(damaged, tie_points(kind), output, kind), NullReporter())
        assert output.read_text() == "precious"
    run(job_for(path, tie_points("affine"), output, "affine"), NullReporter())
    assert rasterio.open(output).count == 2
    assert sorted(file.name for file in tmp_path.iterdir()) == ["damaged.tif", "moving.tif", "out.tif"]


def test_the_report_escapes_and_lists_the_largest_residuals(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    points = tie_points("shift", count=30)
    points[12, 2] += 80
    moving = RasterSource(name="<b>A & B</b>", path=str(path), crs=UTM.to_wkt())
    job = job_for(path, points, tmp_path / "o.vrt", "shift", moving=moving, report=str(tmp_path / "r.html"))
    numbers = run(job, NullReporter())
    page = (tmp_path / "r.html").read_text()
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in page and "<b>A" not in page
    assert f'<td>Point 13</td><td class="number">{80 * 29 / 30:.3f}</td>' in page
    assert f"{numbers['rmse_m']:.3f}\u00a0m" in page
    assert page.count("<td>Point ") == 20


PEAK = """
import importlib.util, pathlib, resource, sys
root = pathlib.Path(sys.argv[1])
spec = importlib.util.spec_from_file_location("sarbridge", root / "__init__.py", submodule_search_locations=[str(root)])
sys.modules["sarbridge"] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
from sarbridge.engine import coregistration, jobs, reporting
import json
coregistration.run(jobs.from_json(json.loads(sys.argv[2])), reporting.NullReporter())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""
