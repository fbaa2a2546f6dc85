"""The Georeferencer file, read back with the rules of QGIS's own reader."""

import pytest
from rasterio.crs import CRS
from sarbridge.contract.errors import UserError
from sarbridge.engine.tie_points.gcp_points import write_points

ROWS = [(500000.123456789, 4000000.5, 499990.25, 4000010.75, True), (-71.5, 1e-7, 3.0, -4.0, False)]


def read_like_qgis(path):
    """Lines as QGIS's reader takes them: an optional CRS line, a header that is skipped, then rows split at commas."""
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[0].startswith("#CRS: ") and lines[-1] == ""
    rows = []
    for line in lines[2:-1]:
        cells = line.split(",")
        enabled = bool(int(cells[4])) if len(cells) == 5 else True  # QGIS 3.22 looks at it in rows of five columns only
        rows.append((*map(float, cells[:4]), enabled))
    return lines[0][len("#CRS: ") :], rows


def test_points_come_back_exactly(tmp_path):
    path = tmp_path / "optical.points"
    write_points(path, CRS.from_epsg(32633).to_wkt(), ROWS)
    wkt, rows = read_like_qgis(path)
    assert CRS.from_wkt(wkt) == CRS.from_epsg(32633)
    assert rows == ROWS


def test_a_crs_on_several_lines_stays_one_line(tmp_path):
    path = tmp_path / "optical.points"
    write_points(path, CRS.from_epsg(3395).to_wkt().replace(",", ",\n    "), ROWS)
    wkt, rows = read_like_qgis(path)
    assert CRS.from_wkt(wkt) == CRS.from_epsg(3395)
    assert rows == ROWS


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UserError, match="nowhere"):
        write_points(tmp_path / "nowhere" / "a.points", "EPSG:3395", ROWS)
