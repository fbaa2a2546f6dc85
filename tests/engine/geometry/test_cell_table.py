"""The table of cells that joint visibility writes."""

import csv
import math

import numpy as np
import pytest
from sarbridge.contract.errors import UserError
from sarbridge.engine.geometry import cell_table
from sarbridge.engine.geometry.visibility_classes import Visibility as V
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, write_surface
from sarbridge.tests.engine.geometry.visible_box import HEIGHT, INCIDENCE, OFF_NADIR, SIDE, make_job, read, run


def test_cells_table(tmp_path):
    """A roof appears h cot(incidence) nearer to the radar (west), h tan(off-nadir) away from the camera (north)."""
    flat = write_surface(tmp_path / "dtm.tif", np.zeros((SIDE, SIDE)))
    run(make_job(tmp_path, dtm=flat, cells=str(tmp_path / "cells.csv")))
    with (tmp_path / "cells.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == list(cell_table.FIELDS)
    assert [int(row["id"]) for row in rows] == list(range(SIDE * SIDE))
    roof, ground = rows[80 * SIDE + 80], rows[20 * SIDE + 80]
    for row, height in ((roof, HEIGHT), (ground, 0)):
        x, y, sar_x, sar_y, opt_x, opt_y = (float(row[key]) for key in ("x", "y", "sar_x", "sar_y", "opt_x", "opt_y"))
        assert (sar_x - x, sar_y - y) == pytest.approx((-height / math.tan(math.radians(INCIDENCE)), 0), abs=0.02)
        assert (opt_x - x, opt_y - y) == pytest.approx((0, height * math.tan(math.radians(OFF_NADIR))), abs=0.02)
    assert (float(roof["x"]), float(roof["y"])) == (LEFT + 80.5, TOP - 80.5)
    assert float(roof["slant_range"]) - float(ground["slant_range"]) == pytest.approx(
        -HEIGHT * math.cos(math.radians(INCIDENCE)), abs=0.02
    )
    # The radar looks to the east: 80.5 cells from the western edge, 20.5 and 80.5 from the northern one.
    flat_range = 80.5 * math.sin(math.radians(INCIDENCE))
    assert float(ground["slant_range"]) == pytest.approx(flat_range, abs=0.05)
    assert float(ground["azimuth"]) == pytest.approx(20.5, abs=0.05)
    assert float(roof["azimuth"]) == pytest.approx(80.5, abs=0.05)
    classes = read(tmp_path / "joint.tif").ravel()
    assert [int(row["visibility"]) for row in rows] == classes.tolist()
    shadow = np.array([int(row["radar_shadow"]) for row in rows])
    np.testing.assert_array_equal(shadow == 1, np.isin(classes, (V.RADAR_SHADOW, V.SHADOW_AND_OCCLUSION)))


def test_too_many_cells_for_a_table(tmp_path, monkeypatch):
    monkeypatch.setattr(cell_table, "MOST_CELLS", 1000)
    with pytest.raises(UserError, match="25,600 cells.*extent"):
        run(make_job(tmp_path, cells=str(tmp_path / "cells.csv")))
    assert not (tmp_path / "joint.tif").exists()
