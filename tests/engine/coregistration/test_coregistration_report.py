"""The report of a co-registration: which points it names, and with which errors."""

import re

import numpy as np
import pytest
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.coregistration.coregister import run
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.coordinate_images import NORTH_UP, SCALE, UTM, coordinates, job_for, tie_points, write
from scipy.interpolate import RBFInterpolator


@pytest.fixture
def reported(tmp_path):
    """Return a function that co-registers with points and returns (numbers, page, rows: (id, length, east, north))."""
    path = write(tmp_path / "moving.tif", coordinates())

    def report(points, kind, name="moving"):
        moving = RasterSource(name=name, path=str(path), crs=UTM.to_wkt())
        files = {"output": tmp_path / "out.tif", "report": str(tmp_path / "report.html")}
        numbers = run(job_for(path, points, kind=kind, moving=moving, **files), NullReporter())
        page = (tmp_path / "report.html").read_text(encoding="utf-8")
        cells = [re.findall("<td[^>]*>(.*?)</td>", row) for row in re.findall("<tr>(<td.*?)</tr>", page)]
        return numbers, page, [(row[0], *(float(cell.replace("\u2212", "-")) for cell in row[1:])) for row in cells]

    return report


def test_names_are_escaped_and_numbers_shown(reported):
    numbers, page, _ = reported(tie_points("shift", count=30, noise=5), "shift", "<b>A & B</b>")
    assert "&lt;b&gt;A &amp; B&lt;/b&gt;" in page and "<b>A" not in page
    assert f"{numbers['rmse_m']:.3f}\u00a0m" in page and f"{numbers['loo_m']:.3f}\u00a0m" in page


def test_the_worst_points_are_listed_by_their_ids(reported):
    points = tie_points("shift", count=30)
    points[12, 2] += 80
    _, _, rows = reported(points, "shift")
    assert len(rows) == 20
    assert rows[0] == (
        "p12",
        *(pytest.approx(value / SCALE, abs=0.06) for value in (80, -80, 0)),
    )  # the other 29 agree: without it, it is off by all that was planted
    assert rows[1][1] == pytest.approx(80 / 29, abs=3e-3)


def test_a_thin_plate_spline_is_judged_by_the_points_left_out(reported):
    """It passes through every point, so that its residuals say nothing; the fit without the point does."""
    points = tie_points("tps", count=40, noise=2)
    points[7, 0] += 60
    _, page, rows = reported(points, "tps")
    others = np.arange(40) != 7
    origin, scale = NORTH_UP * (0, 0), 1e-4
    positions = (points[:, 2:] - origin) * scale
    spline = RBFInterpolator(positions[others], points[others, :2], kernel="thin_plate_spline")
    east, north = points[7, :2] - spline(positions[7:8])[0]
    assert rows[0] == (
        "p7",
        *(pytest.approx(value / SCALE, abs=0.06) for value in (np.hypot(east, north), east, north)),
    )
    assert "averaged" not in page


def test_the_mean_of_points_at_one_place_has_the_name_of_one_of_them(reported):
    points = tie_points("shift", count=20)
    points[:, :2] += np.random.default_rng(1).normal(0, 2, (20, 2))
    points[4] = points[15]
    points[[4, 15], 0] += 70
    _, page, rows = reported(points, "tps")
    assert rows[0][0] in ("p4", "p15")
    assert len(rows) == 19
    assert "were averaged" in page


def test_nothing_is_listed_when_no_point_can_be_left_out(reported):
    numbers, page, rows = reported(tie_points("affine")[:3], "affine")
    assert numbers["loo_m"] is None
    assert rows == []
    assert "No point can be left out" in page


def test_every_point_has_one_id(tmp_path):
    with pytest.raises(ValueError, match="3 points, but 2 ids"):
        job_for(tmp_path / "a.tif", tie_points("shift")[:3], tmp_path / "b.tif", "shift", point_ids=("1", "2"))
