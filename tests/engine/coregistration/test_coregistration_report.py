"""The report of a co-registration: which points it names, and with which errors."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from rasterio.crs import CRS
from rasterio.transform import Affine
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.coregistration.coregister import run
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.coordinate_images import (
    HEIGHT,
    NORTH_UP,
    SCALE,
    UTM,
    WIDTH,
    coordinates,
    job_for,
    palette_image,
    tie_points,
    write,
)
from scipy.interpolate import RBFInterpolator
from scipy.ndimage import gaussian_filter

NO_DATA = 254  # first index of the palette that is no grey level


@pytest.fixture
def reported(tmp_path):
    """Return a function that co-registers with points and returns (numbers, page, rows: (id, length, east, north))."""
    path = write(tmp_path / "moving.tif", coordinates())

    def report(points, kind, name="moving", output="out.tif", **others):
        moving = RasterSource(name=name, path=str(path), crs=UTM.to_wkt())
        files = {"output": tmp_path / output, "report": str(tmp_path / "report.html")}
        numbers = run(job_for(path, points, kind=kind, **{"moving": moving, **files, **others}), NullReporter())
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


def pictures(page, ending):
    """The pictures of the page whose alternative text ends so, as arrays of palette indices."""
    found = re.findall(r'<img src="data:image/png;base64,([^"]+)" alt="([^"]+)"', page)
    return [
        np.asarray(Image.open(io.BytesIO(base64.b64decode(data)))) for data, alt in found if alt.endswith(ending + ".")
    ]


@pytest.fixture
def texture(tmp_path):
    """(moving, fixed): paths of a texture, and of the same on the same grid, 17 px to the right and 11 up."""
    noise = gaussian_filter(np.random.default_rng(3).normal(size=(HEIGHT + 40, WIDTH + 40)), 3)
    grey = np.clip(128 + 45 * noise / noise.std(), 0, 255).astype(np.uint8)[None]
    moving = write(tmp_path / "moving_texture.tif", grey[:, 20:-20, 20:-20])
    return moving, write(tmp_path / "fixed_texture.tif", grey[:, 31:-9, 3:-37])


def agreement(board):
    """Correlation of grey levels across the horizontal seams of a checkerboard of two images."""
    levels, second, known = board.astype(int) % 127, board >= 127, board < NO_DATA
    seam = (second[1:] != second[:-1]) & known[1:] & known[:-1]
    return np.corrcoef(levels[:-1][seam], levels[1:][seam])[0, 1]


def correlation(one, other):
    """Correlation of two grey pictures where both are known, and free of the lines drawn on them."""
    known = (one < NO_DATA) & (other < NO_DATA)
    return np.corrcoef(one[known], other[known])[0, 1]


@pytest.mark.parametrize("kind", ["shift", "affine"])
def test_the_corrected_image_fits_the_other_one_after_and_not_before(reported, texture, kind):
    moving, fixed = (RasterSource(name, str(path), UTM.to_wkt()) for name, path in zip(("a", "<b>"), texture))
    points = tie_points("shift", count=30)
    points[:, 2:] = points[:, :2] + (170, 110)
    _, page, _ = reported(points, kind, moving=moving, target=fixed)
    before, after = pictures(page, "as it came"), pictures(page, "corrected")
    assert len(before) == len(after) >= 2
    assert min(map(agreement, after)) > 0.85 and max(map(agreement, before)) < 0.5
    assert "layer &lt;b&gt;" in page


@pytest.mark.parametrize("output", ["out.tif", "out.vrt"])
def test_without_the_other_image_the_same_place_is_shown_before_and_after(reported, texture, output):
    moving = RasterSource("a", str(texture[0]), UTM.to_wkt())
    points = tie_points("shift", count=30)
    points[:, 2:] = points[:, :2] + (170, 110)
    _, page, _ = reported(points, "shift", moving=moving, output=output)
    before, after = pictures(page, "as it came"), pictures(page, "corrected")
    assert len(before) == len(after) >= 2
    for one, other in zip(before, after):
        assert correlation(one[11:, :-17], other[:-11, 17:]) > 0.95
        assert correlation(one, other) < 0.5


@pytest.mark.parametrize("values", ["complex", "nan", "constant", "palette"])
def test_every_image_that_can_be_corrected_has_a_report(reported, tmp_path, values):
    random, shape = np.random.default_rng(0), (1, HEIGHT, WIDTH)
    if values == "palette":
        palette_image(tmp_path / "odd.tif")
    else:
        write(
            tmp_path / "odd.tif",
            {
                "complex": (random.normal(size=shape) + 1j * random.normal(size=shape)).astype(np.complex64),
                "nan": np.full(shape, np.nan, np.float32),
                "constant": np.full(shape, 7, np.uint8),
            }[values],
        )
    odd = RasterSource("odd", str(tmp_path / "odd.tif"), UTM.to_wkt())
    _, page, _ = reported(tie_points("shift", count=30), "affine", moving=odd)
    shown = len(pictures(page, "corrected"))
    assert shown == 0 and "No place round the tie points" in page if values == "nan" else shown >= 2


def test_places_in_degrees_are_named_to_a_metre(reported, tmp_path):
    degrees, grid = CRS.from_epsg(4326), Affine(1e-4, 0, 12, 0, -1e-4, 50)
    path = write(tmp_path / "degrees.tif", coordinates(), transform=grid, crs=degrees)
    points = tie_points("shift", transform=grid, count=30)
    points[:, 2:] = points[:, :2] + (17e-4, 11e-4)
    moving = RasterSource("degrees", str(path), degrees.to_wkt())
    _, page, _ = reported(points, "affine", moving=moving, fixed_crs=degrees.to_wkt())
    assert re.search(r"Place 1 \(12\.\d{5}° east, 49\.\d{5}° north\)", page)
