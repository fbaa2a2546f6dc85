"""Matching runs with a map of what radar and camera both see."""

import numpy as np
import pytest
from rasterio.transform import Affine
from rasterio.warp import transform as project
from sarbridge.contract.errors import UserError
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.matching.matching_pairs import EAST, NORTH, UTM, job, source, write


def joint_map(path, visible_from, dtype="uint8", east=EAST):
    """A map in cells of 5 m over the SAR image; from column `visible_from` on it says jointly visible, else façade."""
    classes = np.full((640, 640), 2, dtype)
    classes[:, visible_from:] = 1
    return source("Joint map", write(path, classes, Affine(5, 0, east, 0, -5, NORTH), UTM), UTM)


@pytest.mark.parametrize("pair", ["plain", "turned"])
def test_candidates_that_are_not_jointly_visible_are_rejected(pair, request, tmp_path):
    """By their place on the map, whatever the lattices; all others become what they are without the map."""
    pair = request.getfixturevalue(pair)
    settings = {"keep_rejected": True, "outlier_test": "none"}
    without = run(job(pair, **settings), NullReporter())["rows"]
    visibility = joint_map(tmp_path / "joint.tif", visible_from=320)
    rows = run(job(pair, **settings, visibility=visibility), NullReporter())["rows"]
    rejected = [row for row in rows if row["reason"] == "visibility"]
    assert len(rows) == len(without) and rejected and len(rejected) < sum(row["accepted"] for row in without)
    for row, before in zip(rows, without):
        # Of rejected candidates only the optical position is told, by definition that of the place on the grid.
        x, y = project(pair[1].crs, UTM, [before["opt_x"]], [before["opt_y"]])
        inside = EAST <= x[0] < EAST + 3200 and NORTH - 3200 < y[0] <= NORTH
        hidden = not inside or x[0] < EAST + 1600
        assert row["reason"] == ("visibility" if before["reason"] == "" and hidden else before["reason"])


def test_a_joint_map_that_cannot_be_read_to_its_end_is_named(plain, tmp_path):
    joint = joint_map(tmp_path / "joint.tif", visible_from=0)
    whole = (tmp_path / "joint.tif").read_bytes()
    (tmp_path / "joint.tif").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(UserError, match="'Joint map' cannot be read"):
        run(job(plain, visibility=joint), NullReporter())


def test_a_joint_map_elsewhere_or_of_other_values_is_refused(plain, tmp_path):
    elsewhere = joint_map(tmp_path / "far.tif", 0, east=EAST + 50_000)
    with pytest.raises(UserError, match="'Joint map' and 'Radar' do not overlap"):
        run(job(plain, visibility=elsewhere), NullReporter())
    heights = joint_map(tmp_path / "heights.tif", 0, dtype="float32")
    with pytest.raises(UserError, match="'Joint map' is no map of classes"):
        run(job(plain, visibility=heights), NullReporter())
    picture = source(
        "Joint map",
        write(tmp_path / "photo.tif", np.full((640, 640), 137, "uint8"), Affine(5, 0, EAST, 0, -5, NORTH), UTM),
        UTM,
    )
    with pytest.raises(UserError, match=r"'Joint map' is no joint map \(it holds the value 137\)"):
        run(job(plain, visibility=picture), NullReporter())
