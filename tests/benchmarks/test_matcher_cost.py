"""What a match costs: every method is timed on its windows, and the table counts in matches by cross-correlation."""

import pytest
from sarbridge.benchmarks import matcher_cost
from sarbridge.contract.matching_jobs import METHODS


def test_every_method_of_the_dialog_is_a_row_and_those_that_take_no_time_are_timed():
    rows = matcher_cost.contestants()
    assert len({type(row.matcher).__name__ for row in rows.values()}) == len(rows) == len(METHODS) + 1  # PSiam twice
    some = {name: rows[name] for name in ("NCC", "orientations of gradients")}
    taken = matcher_cost.costs(some, reach=8, rounds=2)
    assert all(len(seconds) == 2 and min(seconds) > 0 for seconds in taken.values())


def test_the_table_counts_in_matches_by_cross_correlation():
    rows = matcher_cost.contestants()
    taken = {"NCC": [0.1, 0.3, 0.2], "DeepMatch": [0.8, 0.6, 0.7]}
    lines = matcher_cost.table(taken, rows)
    assert lines[2].startswith("| NCC | 1 (0.5–1.5) | 1 | 0.2 |")
    cells = lines[3].split(" | ")
    assert cells[1:3] == ["3.5 (3–4)", "4"] and float(cells[3].rstrip(" |")) == pytest.approx(0.7)
