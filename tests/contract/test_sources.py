"""What jobs are made of: paths that hold wherever they are opened from, and extents that have a size."""

import math

import pytest
from sarbridge.contract.errors import UserError
from sarbridge.contract.simulation_jobs import Misplacement
from sarbridge.contract.sources import absolute_path, check_extent


def test_files_are_found_from_anywhere(tmp_path, monkeypatch):
    (tmp_path / "a.tif").touch()
    monkeypatch.chdir(tmp_path)
    assert absolute_path("a.tif") == str(tmp_path / "a.tif")
    assert absolute_path(str(tmp_path / "a.tif")) == str(tmp_path / "a.tif")


def test_what_is_not_a_file_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("/vsicurl/https://example.org/a.tif", 'NETCDF:"a.nc":Band1', "missing.tif"):
        assert absolute_path(name) == name


@pytest.mark.parametrize(
    "extent", [(0, 0, 1), (0, 0, 1, math.nan), (-math.inf, 0, 1, 1), (1, 0, 0, 1), (0, 0, 0, 1), (0, 1, 1, 1)]
)
def test_an_extent_without_corners_or_size_is_refused(extent):
    with pytest.raises(UserError, match="extent"):
        check_extent(extent)


def test_no_extent_and_a_rectangle_are_right():
    check_extent(())
    check_extent((0, 0, 1e-9, 1))


@pytest.mark.parametrize("wrong", [{"right": math.nan}, {"down": -math.inf}, {"waves": math.inf}, {"scale": math.nan}])
def test_a_misplacement_of_no_number_is_refused(wrong):
    with pytest.raises(UserError, match="The optical image can be"):
        Misplacement(**wrong)
