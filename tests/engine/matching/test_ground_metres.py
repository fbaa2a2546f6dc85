"""Metres are metres on the ground, whatever the layers' coordinate reference systems, in Match and in Co-register."""

import numpy as np
import pytest
from rasterio.transform import Affine
from sarbridge.contract.coregistration_jobs import CoregisterJob
from sarbridge.engine.coregistration import coregister
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.matching.working_grid import working_grid
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.matching.ground_pairs import PIXEL, SHIFT, SIDE, Ground
from sarbridge.tests.engine.matching.matching_pairs import job

KILOMETRES = "+proj=utm +zone=33 +datum=WGS84 +units=km"
LAYERS = {
    "UTM": ("EPSG:32633", "EPSG:32633", (15, 47)),
    "UTM ten degrees off its zone": ("EPSG:32633", "EPSG:32633", (25, 60)),
    "neighbouring zones": ("EPSG:32633", "EPSG:32632", (12, 60)),
    "Web Mercator at 60 degrees": ("EPSG:3857", "EPSG:3857", (25, 60)),
    "SAR in Web Mercator, optical in UTM": ("EPSG:3857", "EPSG:32635", (25, 60)),
    "SAR in UTM, optical in Web Mercator": ("EPSG:32635", "EPSG:3857", (25, 60)),
    "degrees": ("EPSG:4326", "EPSG:4326", (25, 60)),
    "SAR in degrees, optical in Web Mercator, south": ("EPSG:4326", "EPSG:3857", (19, -45)),
    "US survey feet": ("EPSG:2263", "EPSG:2263", (-74, 40.7)),
    "SAR in feet, optical in UTM": ("EPSG:2263", "EPSG:32618", (-74, 40.7)),
    "kilometres": (KILOMETRES, KILOMETRES, (15, 47)),
    "plate carree in metres at 60 degrees": ("EPSG:32662", "EPSG:32662", (25, 60)),
    "polar stereographic, north to the right": ("EPSG:3413", "EPSG:3413", (45, 75)),
    "northing before easting": ("EPSG:3006", "EPSG:25833", (15, 60)),
    "westing and southing": ("EPSG:2048", "EPSG:4326", (19, -33.5)),
}


@pytest.mark.parametrize("layers", LAYERS)
def test_the_same_metres_whatever_the_coordinate_reference_systems(tmp_path, layers):
    sar_crs, optical_crs, place = LAYERS[layers]
    ground = Ground(*place)
    pair = ground.pair(tmp_path, sar_crs, optical_crs)
    result = run(job(pair, max_shift=16, pixel_size=0.0), NullReporter())
    rows, numbers = result["rows"], result["numbers"]
    assert len(rows) >= 9
    optical = ground.metres(optical_crs, *np.array([(row["opt_x"], row["opt_y"]) for row in rows]).T)
    planted = ground.shifts(optical)
    found = np.array([(row["dx_m"], row["dy_m"]) for row in rows])
    assert found == pytest.approx(planted, abs=0.08 * PIXEL)
    assert found.mean(0) == pytest.approx(planted.mean(0), abs=0.03 * PIXEL)
    lengths = np.linalg.norm(found, axis=1)
    assert [row["length_m"] for row in rows] == pytest.approx(lengths)
    azimuths = np.degrees(np.arctan2(*planted.T)) % 360
    assert [row["azimuth"] for row in rows] == pytest.approx(azimuths, abs=0.6)
    sar = ground.metres(sar_crs, *np.array([(row["sar_x"], row["sar_y"]) for row in rows]).T)
    assert sar - optical == pytest.approx(found, abs=0.06)  # north turns on the way
    # What a single shift leaves of the planted growth, in metres and in working pixels.
    rest = np.sqrt(np.square(found - found.mean(0)).sum(1).mean())
    assert rest > 2
    assert numbers["RMSE"] == pytest.approx(rest, rel=0.02)
    assert [row["residual_m"] for row in rows] == pytest.approx(np.linalg.norm(found - found.mean(0), axis=1), abs=0.2)
    in_pixels = [np.hypot(numbers["MEAN_SHIFT_X_PX"], numbers["MEAN_SHIFT_Y_PX"]), numbers["RMSE_PX"]]
    in_metres = [np.hypot(*found.mean(0)), numbers["RMSE"]]
    assert np.multiply(in_pixels, PIXEL) == pytest.approx(in_metres, rel=0.012)
    assert (numbers["MEAN_SHIFT_X"], numbers["MEAN_SHIFT_Y"]) == pytest.approx(tuple(found.mean(0)))
    corrected = coregistered(pair, rows, tmp_path)
    assert (corrected["shift_x_m"], corrected["shift_y_m"]) == pytest.approx(tuple(found.mean(0)), abs=0.05)
    assert corrected["rmse_m"] == pytest.approx(numbers["RMSE"], rel=0.03)
    assert corrected["rmse_px"] * PIXEL == pytest.approx(corrected["rmse_m"], rel=0.012)


def coregistered(pair, rows, folder):
    """Return the numbers of Co-register when the optical image moves by a shift."""
    points = tuple((row["opt_x"], row["opt_y"], row["sar_x"], row["sar_y"]) for row in rows)
    ids = tuple(str(row["id"]) for row in rows)
    sar, optical = pair
    output = str(folder / "moved.vrt")
    return coregister.run(CoregisterJob(optical, points, ids, sar.crs, output, transform="shift"), NullReporter())


QUARTER = Affine(0, -1, SIDE, 1, 0, 0)  # from pixels of an image on its side to those of one north up
ORIENTATIONS = {
    "south up": Affine(1, 0, 0, 0, -1, SIDE),
    "mirrored": Affine(-1, 0, SIDE, 0, 1, 0),
    "upside down": Affine(-1, 0, SIDE, 0, -1, SIDE),
    "on its right side": QUARTER,
    "on its left side": ~QUARTER,
    "on its side and mirrored": Affine(0, 1, 0, 1, 0, 0),
}


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_right_and_down_are_those_of_the_map_however_the_sar_image_lies(tmp_path, orientation):
    turn = ORIENTATIONS[orientation]
    ground = Ground(15, 47)
    pair = ground.pair(tmp_path, "EPSG:32633", "EPSG:32633", turn)
    result = run(job(pair, max_shift=16, pixel_size=0.0), NullReporter())
    rows, numbers = result["rows"], result["numbers"]
    assert len(rows) >= 9
    assert numbers["MEAN_SHIFT_X"] == pytest.approx(SHIFT[0], abs=1)
    assert numbers["MEAN_SHIFT_Y"] == pytest.approx(SHIFT[1], abs=1)
    assert numbers["MEAN_SHIFT_X_PX"] == pytest.approx(SHIFT[0] / PIXEL, abs=0.1)
    assert numbers["MEAN_SHIFT_Y_PX"] == pytest.approx(-SHIFT[1] / PIXEL, abs=0.1)
    upright = [turn * (row["sar_col"], row["sar_row"]) for row in rows]  # pixels of the file, as it lies
    optical = np.array([(row["opt_col"], row["opt_row"]) for row in rows])
    shifts = np.array([(row["dx_px"], row["dy_px"]) for row in rows])
    assert np.subtract(upright, optical) == pytest.approx(shifts, abs=0.02)


def test_the_pixel_size_is_one_on_the_ground(tmp_path):
    """25 m at 60° N are 50 units of Web Mercator."""
    pair = Ground(25, 60).pair(tmp_path, "EPSG:3857", "EPSG:3857")
    grid = working_grid(*pair, pixel_size=25)
    assert grid.pixel_size == pytest.approx(25, rel=1e-3)
    assert grid.transform.a == pytest.approx(25 / 0.50126, rel=2e-3)  # k0 of PROJ on the ellipsoid: 1 / 1.9950


def test_a_sheared_sar_image_has_a_square_working_pixel_and_the_same_metres(tmp_path):
    ground = Ground(15, 47)
    shear = Affine(1, 0.15, 0, 0, 1, 0)
    pair = ground.pair(tmp_path, "EPSG:32633", "EPSG:32633", shear)
    numbers = run(job(pair, max_shift=16, pixel_size=0.0), NullReporter())["numbers"]
    assert numbers["ACCEPTED_COUNT"] >= 4
    assert numbers["MEAN_SHIFT_X"] == pytest.approx(SHIFT[0], abs=2)
    assert numbers["MEAN_SHIFT_Y"] == pytest.approx(SHIFT[1], abs=2)
    grid = working_grid(*pair)
    right, down = grid.pixel_sides()
    assert right @ down == pytest.approx(0, abs=1e-3)
    assert numbers["MEAN_SHIFT_X_PX"] * grid.pixel_size == pytest.approx(numbers["MEAN_SHIFT_X"], rel=0.01)
