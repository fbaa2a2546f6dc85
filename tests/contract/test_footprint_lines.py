"""The file of footprints: what its lines are, and what comes back."""

import json
import math

from sarbridge.contract.footprint_lines import Footprint, read_footprint_lines, write_footprint_lines

COURT = Footprint(12.5, [[[0, 0], [9, 0], [9, 9], [0, 0]], [[1, 1], [2, 1], [2, 2], [1, 1]]])


def test_footprints_come_back_as_written(tmp_path):
    footprints = [COURT, Footprint(None, [[[0.25, 1e7], [1, 0], [0, 1], [0.25, 1e7]]])]
    write_footprint_lines(tmp_path / "houses.jsonl", footprints)
    assert list(read_footprint_lines(str(tmp_path / "houses.jsonl"))) == footprints


def test_a_line_is_an_object(tmp_path):
    write_footprint_lines(tmp_path / "houses.jsonl", [COURT])
    [line] = (tmp_path / "houses.jsonl").read_text().splitlines()
    assert json.loads(line) == {"height": 12.5, "rings": COURT.rings}


def test_heights_without_a_number_and_files_without_a_footprint(tmp_path):
    write_footprint_lines(tmp_path / "houses.jsonl", [Footprint(math.nan, COURT.rings)])
    [read] = read_footprint_lines(tmp_path / "houses.jsonl")
    assert math.isnan(read.height)
    write_footprint_lines(tmp_path / "none.jsonl", [])
    assert list(read_footprint_lines(tmp_path / "none.jsonl")) == []
