"""The whole job on files: boxes from all sides, other grids of the same terrain, blocks, and bad input."""

import math
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from rasterio.warp import Resampling, calculate_default_transform, reproject
from sarbridge.contract.errors import UserError
from sarbridge.contract.geometry_jobs import SarDistortionsJob, SarView, look_azimuth
from sarbridge.engine.geometry import line_bands, line_blocks, sar_distortions
from sarbridge.engine.geometry.range_lines import FORESHORTENING, LAYOVER, NO_DATA, SHADOW
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, KeptReports, write_surface

HALF = np.where(np.arange(20) < 10, np.nan, 5.0) + np.zeros((20, 1))
POSSIBLE = {0, 1, 2, 4, 5, 8, 12, 16, 17, 18, 20, 21, 128}
"""Values that a mask can have; the legend names them."""


def run(dem, azimuth=90, near=38.0, far=None, reports=None, **options):
    """Return (numbers, mask) of a job beside the surface model."""
    output = dem.path.replace(".tif", "_zones.tif")
    job = SarDistortionsJob(dem, SarView(azimuth, near, far or near), output, device="cpu", **options)
    numbers = sar_distortions.run(job, reports or KeptReports())["numbers"]
    return numbers, read(output)


def read(path):
    with rasterio.open(path) as dataset:
        return dataset.read(1)


def box(shape=(120, 120), height=15.0, side=20):
    """Flat ground at 300 m with a flat-roofed box in the middle."""
    heights = np.full(shape, 300.0)
    first = (shape[0] - side) // 2
    heights[first : first + side, first : first + side] += height
    return heights


def mountains(size=300, cell=30.0):
    """A rough landscape with slopes up to about 45°, heights [size, size]."""
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(size), np.fft.rfftfreq(size), indexing="ij"))
    noise = np.fft.rfft2(np.random.default_rng(5).standard_normal((size, size)))
    heights = np.fft.irfft2(noise / np.maximum(frequency, 4 / size) ** 2.2, (size, size))
    slope = np.hypot(*np.gradient(heights, cell)).mean()
    return 1500 + heights * 0.45 / slope


@pytest.mark.parametrize("look_side", ["right", "left"])
@pytest.mark.parametrize("heading", [0, 90, 180, 270])
def test_a_box_has_layover_of_h_cot_and_shadow_of_h_tan_on_the_right_sides_within_a_cell(tmp_path, heading, look_side):
    """Cells of 1 m; the map is turned so that the radar looks to the right, from the left edge."""
    azimuth = look_azimuth(heading, look_side)
    _, mask = run(write_surface(tmp_path / "box.tif", box()), azimuth, near=40)
    turned = np.rot90(mask, {90: 0, 0: 3, 270: 2, 180: 1}[azimuth])
    middle = turned[60]
    assert (middle[:50] & LAYOVER > 0).sum() == pytest.approx(15 / math.tan(math.radians(40)), abs=1)
    assert middle[49] & LAYOVER and not (middle[71:] & LAYOVER).any()
    assert (middle[70:] & SHADOW > 0).sum() == pytest.approx(15 * math.tan(math.radians(40)), abs=1)
    assert middle[71] & SHADOW and not (middle[:69] & SHADOW).any()
    # Beside the box nothing happens.
    assert not turned[:48].any() and not turned[72:].any()


@pytest.mark.parametrize("azimuth, direction", [(90, (0, 1)), (135, (1, 1)), (200, (2.75, -1)), (303, (-1, -1.54))])
def test_a_tower_of_one_cell_keeps_its_shadow_and_layover_within_a_cell_along_and_across_the_grid(
    tmp_path, azimuth, direction
):
    """10 m at 45°, cells of 1 m: 10 cells of each."""
    heights = np.full((90, 90), 100.0)
    heights[45, 45] += 10
    _, mask = run(write_surface(tmp_path / "tower.tif", heights), azimuth, near=45)
    (down, right), length = direction, math.hypot(*direction)

    def along(bits):
        rows, cols = np.nonzero(mask & bits)
        assert np.abs((rows - 45) * right - (cols - 45) * down).max() / length < 1.5  # all of it on the line of sight
        return ((rows - 45) * down + (cols - 45) * right) / length

    shadow, layover = along(SHADOW), along(LAYOVER)
    assert shadow.min() > -1.5 and 9 < shadow.max() < 11.5
    assert layover.max() < 1.5 and 9 < -layover.min() < 11.5


def test_a_flat_plane_has_no_zone_at_all(tmp_path):
    numbers, mask = run(write_surface(tmp_path / "flat.tif", np.full((80, 90), 777.7), cell=30), 78, 29, 46)
    assert not mask.any()
    assert numbers == {**dict.fromkeys(sar_distortions.SHARES, 0), "UNDISTORTED_SHARE": 100, "VALID_CELLS": 7200}


def test_a_tilted_plane_has_its_local_incidence_and_count_and_is_foreshortened_as_asked(tmp_path):
    """A slope of 15° that faces the sensor at 40°: 1 - tan 15° cot 40° = 68.1 % of its range is left."""
    plane = 100 + np.arange(100)[None] * 10 * math.tan(math.radians(15)) + np.zeros((60, 1))
    dem = write_surface(tmp_path / "plane.tif", plane, cell=10)
    incidence, count = str(tmp_path / "incidence.tif"), str(tmp_path / "count.tif")
    _, mask = run(dem, 90, near=40, foreshortening=31, incidence=incidence, layover_count=count)
    inner = slice(5, -5), slice(5, -5)
    assert (mask[inner] == FORESHORTENING).all()
    assert read(incidence)[inner] == pytest.approx(25, abs=0.05)
    assert read(count)[inner] == pytest.approx(1 / 0.681, rel=0.02)
    assert not run(dem, 90, near=40, foreshortening=33)[1].any()


def test_holes_are_no_data_and_make_no_zone(tmp_path):
    heights = np.full((80, 80), 1200.0)
    heights[30:50, 20:40] = -9999
    numbers, mask = run(write_surface(tmp_path / "holed.tif", heights, cell=10, nodata=-9999), 60)
    assert (mask == np.where(heights == -9999, NO_DATA, 0)).all()
    assert numbers["VALID_CELLS"] == 80 * 80 - 400
    with rasterio.open(tmp_path / "holed_zones.tif") as dataset:
        assert dataset.nodata == NO_DATA and dataset.dtypes == ("uint8",)


@pytest.mark.parametrize("azimuth", [0, 45, 60, 90])
def test_flat_ground_has_the_local_incidence_of_the_radar_up_to_its_edges(tmp_path, azimuth):
    """Beside the edge lines run on which nothing is known: no cliff, whatever the height of the ground."""
    heights = np.full((60, 70), 1500.0)
    heights[:20] = np.nan
    incidence = str(tmp_path / "incidence.tif")
    run(write_surface(tmp_path / "flat.tif", heights, cell=30), azimuth, incidence=incidence)
    assert read(incidence)[20:] == pytest.approx(38, abs=0.01)


def test_shares_are_those_of_the_mask(tmp_path):
    numbers, mask = run(write_surface(tmp_path / "dem.tif", mountains(), cell=30), 78, 30)
    assert set(np.unique(mask)) <= POSSIBLE
    for name, bits in (("LAYOVER_SHARE", 2 | 4), ("ACTIVE_LAYOVER_SHARE", 2), ("SHADOW_SHARE", 8 | 16)):
        assert numbers[name] == pytest.approx(100 * (mask & bits > 0).mean(), abs=1e-6)
    assert numbers["UNDISTORTED_SHARE"] == pytest.approx(100 * (mask == 0).mean(), abs=1e-6)
    assert 1 < numbers["LAYOVER_SHARE"] < 60


def test_blocks_leave_no_seams(tmp_path, monkeypatch):
    """In blocks of 64 cells, at their edges as inside: other lines change less than 3 % of the cells."""
    dem = write_surface(tmp_path / "dem.tif", mountains(), cell=30)
    _, whole = run(dem, 78, 30, 33)
    monkeypatch.setattr(line_blocks, "TILE", 64)
    monkeypatch.setattr(line_bands, "_SAMPLES_AT_ONCE", {"cpu": 5000})
    _, pieces = run(dem, 78, 30, 33)
    edges = np.zeros_like(whole, bool)
    for edge in range(64, 300, 64):
        edges[edge - 1 : edge + 1] = edges[:, edge - 1 : edge + 1] = True
    apart = whole != pieces
    assert apart.mean() < 0.03
    assert apart[edges].mean() < apart.mean() + 0.01


def test_degrees_run_on_at_the_180_meridian(tmp_path):
    """Up to it, or across it: the zones are those of the same terrain elsewhere."""
    cell, heights = 1 / 3600, mountains(60)
    masks = []
    for number, west in enumerate((170, 180 - 60 * cell, 180 - 30 * cell)):
        dem = write_surface(tmp_path / f"dem{number}.tif", heights, cell, crs=4326, corner=(west, 10.0))
        masks.append(run(dem, 78, 30)[1])
    assert (masks[0] & LAYOVER > 0).mean() > 0.05
    assert (masks[1] == masks[0]).mean() > 0.97 and (masks[2] == masks[0]).mean() > 0.97


def test_an_extent_is_the_same_part_of_the_whole(tmp_path):
    """Mountains outside the extent still shade and overlay it."""
    dem = write_surface(tmp_path / "dem.tif", mountains(), cell=30)
    _, whole = run(dem, 78, 30)
    extent = (LEFT + 30 * 100, TOP - 30 * 180, LEFT + 30 * 190, TOP - 30 * 120)
    _, part = run(dem, 78, 30, extent=extent)
    assert part.shape == (60, 90)
    assert (part & LAYOVER > 0).mean() == pytest.approx((whole[120:180, 100:190] & LAYOVER > 0).mean(), abs=0.01)
    assert (part == whole[120:180, 100:190]).mean() > 0.95
    with rasterio.open(tmp_path / "dem_zones.tif") as dataset:
        assert (dataset.transform.c, dataset.transform.f) == (extent[0], extent[3])


def in_degrees(source, path, finer=1):
    """Write a raster onto a grid in degrees, of about its own cell size or `finer`, and return its source."""
    with rasterio.open(source.path) as utm:
        transform, width, height = calculate_default_transform(utm.crs, "EPSG:4326", utm.width, utm.height, *utm.bounds)
        transform = transform * rasterio.Affine.scale(1 / finer)
        profile = {**utm.profile, "crs": "EPSG:4326", "nodata": -9999}
        profile.update(transform=transform, width=width * finer, height=height * finer)
        resampling = Resampling.cubic if finer == 1 else Resampling.bilinear
        with rasterio.open(path, "w", **profile) as degrees:
            reproject(rasterio.band(utm, 1), rasterio.band(degrees, 1), resampling=resampling)
            return replace(source, name="degrees", path=str(path), crs=degrees.crs.to_wkt())


def agreement(dem, other, *view):
    """Return which shares of the cells of `dem` have the same value in the mask of `other`: there, within a cell."""
    _, mask = run(dem, *view)
    run(other, *view)
    there = np.full_like(mask, NO_DATA)
    with rasterio.open(other.path.replace(".tif", "_zones.tif")) as degrees, rasterio.open(dem.path) as grid:
        reproject(rasterio.band(degrees, 1), there, dst_transform=grid.transform, dst_crs=grid.crs, dst_nodata=NO_DATA)
    both = (mask != NO_DATA) & (there != NO_DATA)
    around = [np.roll(there, shift, (0, 1)) for shift in np.ndindex(3, 3)]
    near = np.any([mask == np.roll(each, (-1, -1), (0, 1)) for each in around], axis=0)
    assert (mask[both] & LAYOVER > 0).mean() > 0.005
    return (mask == there)[both].mean(), near[both].mean()


def test_zones_agree_in_utm_and_in_degrees(tmp_path):
    """98 % of the cells, off the central meridian, where a forgotten grid convergence or cell size would show."""
    row, col = np.indices((240, 260))
    hills = 600 + 280 * np.sin(col / 14 + row / 60) * np.cos(row / 19) + 150 * np.sin(col / 7)
    dem = write_surface(tmp_path / "dem.tif", hills, cell=30, corner=(780_000, 6_650_000))
    same, near = agreement(dem, in_degrees(dem, tmp_path / "degrees.tif", finer=3), 78, 32)
    assert same >= 0.98
    assert near >= 0.999


@pytest.fixture
def tujunga(tmp_path, real_data):
    source = real_data / "dem" / "big_tujunga_srtm_30m.tif"
    if not source.is_file():
        pytest.skip("no big_tujunga_srtm_30m.tif")
    with rasterio.open(source) as dataset:
        crs, window = dataset.crs.to_wkt(), rasterio.windows.Window(300, 100, 500, 400)
        heights, corner = dataset.read(1, window=window), dataset.window_transform(window) * (0, 0)
    return write_surface(tmp_path / "dem.tif", heights, cell=30, crs=crs, corner=corner)


@pytest.mark.parametrize("finer, least_same, least_near", [(1, 0.965, 0.995), (3, 0.98, 0.999)])
def test_real_mountains_agree_in_utm_and_in_degrees(tmp_path, tujunga, finer, least_same, least_near):
    """98 % where degrees hold the same surface; cells of the same size change the heights and are half a cell off."""
    same, near = agreement(tujunga, in_degrees(tujunga, tmp_path / "degrees.tif", finer), 78, 38)
    assert same >= least_same
    assert near >= least_near


def test_a_layer_of_incidence_angles_is_the_same_as_near_and_far(tmp_path):
    """The layer in another CRS and coarser; without it in a corner there is no data there."""
    dem = write_surface(tmp_path / "dem.tif", mountains(200), cell=30)
    _, expected = run(dem, 90, 30, 40)
    share = (np.arange(80) * 100 - 950) / 6000
    tangent = math.tan(math.radians(30)) * (1 - share) + math.tan(math.radians(40)) * share
    angles = np.degrees(np.arctan(tangent))[None] + np.zeros((80, 1))
    angles[:16, :16] = np.nan
    layer = write_surface(tmp_path / "angles.tif", angles, cell=100, corner=(LEFT - 1000, TOP + 1000))
    layer = in_degrees(layer, tmp_path / "angles_in_degrees.tif")
    job = SarDistortionsJob(dem, SarView(90, 38, 38, layer), str(tmp_path / "zones.tif"), device="cpu")
    sar_distortions.run(job, KeptReports())
    found = read(tmp_path / "zones.tif")
    assert (found[:10, :10] == NO_DATA).all()
    known = found != NO_DATA
    assert known[30:].all() and known[:, 30:].all()
    assert (found == expected)[known].mean() > 0.98


def test_progress_ends_at_1_and_the_shares_are_told(tmp_path):
    reports = KeptReports()
    run(write_surface(tmp_path / "box.tif", box()), reports=reports)
    assert reports.fractions[-1] == 1 and reports.fractions == sorted(reports.fractions)
    assert any("laid over" in text for text in reports.texts["info"])
    assert reports.texts["warning"] == []


@pytest.mark.parametrize(
    "heights, cell, options, words",
    [
        (np.full((20, 20), np.nan), 10, {}, "holds only no data"),
        (np.ones((20, 20)), 10, {"extent": (0, 0, 1, 1)}, "The extent holds no cell of layer 'dem'"),
        (HALF, 10, {"extent": (LEFT, TOP - 100, LEFT + 100, TOP)}, "'dem' holds only no data in the extent"),
    ],
)
def test_bad_input_is_refused_and_leaves_no_file(tmp_path, heights, cell, options, words):
    with pytest.raises(UserError, match=words):
        run(write_surface(tmp_path / "dem.tif", heights, cell), **options)
    assert [path.name for path in tmp_path.iterdir()] == ["dem.tif"]


@pytest.mark.parametrize(
    "values, words",
    [
        ({"look_azimuth": 400.0}, "look azimuth"),
        ({"near": 2.0}, "between 5 and 85"),
        ({"far": 89.0}, "between 5 and 85"),
        ({"near": 40.0, "far": 30.0}, "must not be smaller"),
    ],
)
def test_a_view_that_no_radar_has_is_refused(values, words):
    with pytest.raises(UserError, match=words):
        SarView(**{"look_azimuth": 90.0, "near": 30.0, "far": 45.0, **values})


@pytest.mark.parametrize("crs", [3857, 32662, 4326])
def test_a_surface_whose_units_are_no_metres_on_the_ground_looks_as_in_utm(tmp_path, crs):
    """A wedge of 60 m, 200 m long, at 60° N, where Web Mercator has two units a metre, and a plate carree east too."""
    place = "+proj=aeqd +lon_0=15 +lat_0=60 +datum=WGS84"
    shares = []
    for system in (32633, crs):
        (x,), (y,) = rasterio.warp.transform("EPSG:4326", f"EPSG:{system}", [15], [60])
        unit = 1e-4 if system == 4326 else 1
        right, up = rasterio.warp.transform(f"EPSG:{system}", place, [x + unit, x], [y, y + unit])
        width, height = 5 * unit / math.hypot(right[0], up[0]), 5 * unit / math.hypot(right[1], up[1])
        heights = np.clip(np.arange(200) - 80, 0, 40) * 1.5 * (np.arange(200) < 120) + np.zeros((160, 1))
        source = write_surface(tmp_path / f"{system}.tif", heights, 1, crs=system)
        with rasterio.open(source.path, "r+") as dataset:
            dataset.transform = rasterio.Affine(width, 0, x - 100 * width, 0, -height, y + 80 * height)
        numbers, _ = run(source, near=25.0)
        shares.append([numbers[name] for name in ("FORESHORTENING_SHARE", "LAYOVER_SHARE", "SHADOW_SHARE")])
    assert shares[0][0] > 10 and shares[0][2] > 2
    assert shares[1] == pytest.approx(shares[0], abs=0.3)
