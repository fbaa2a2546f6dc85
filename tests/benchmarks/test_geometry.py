"""The benchmark of the geometry on something tiny: what it compares is the same, and jobs run to their end."""

import numpy as np
import pytest
from sarbridge.benchmarks import geometry


def test_engine_and_numpy_find_the_same_zones(monkeypatch):
    monkeypatch.setattr(geometry, "LINES", (40, 700))
    rows = [line.split("|") for line in geometry.line_table(rounds=1).splitlines() if line.startswith("| torch")]
    assert rows and all(float(row[4].strip(" %")) > 99.9 for row in rows)


def test_the_landscape_is_made_in_strips_and_is_laid_over_and_shaded(tmp_path, monkeypatch):
    monkeypatch.setattr(geometry, "_STRIP", 64)
    whole = geometry.landscape(300, 300)
    dem = geometry.write_landscape(tmp_path / "dem.tif", 300)
    with geometry.rasterio.open(dem.path) as dataset:
        assert dataset.read(1) == pytest.approx(whole)
    assert 500 < np.ptp(whole) < 3000


def test_zones_are_timed_beside_the_yardsticks():
    rows = [line.split("|") for line in geometry.yardstick_table(rounds=1, side=300).splitlines() if " × |" in line]
    assert rows[0][1].startswith(" zones") and any("cumulative maximum" in row[1] for row in rows[1:])
    assert all(float(row[3].strip(" ×")) > 0 for row in rows)


def test_jobs_are_measured():
    table = geometry.job_table([150, 300])
    assert "| 150 × 150 |" in table and "| 300 × 300 |" in table


def test_the_simulator_is_timed_part_by_part():
    row = next(line for line in geometry.simulator_table(rounds=1, side=64).splitlines() if line.startswith("| cpu"))
    assert all(float(speed) > 0 for speed in row.split("|")[2:5])
