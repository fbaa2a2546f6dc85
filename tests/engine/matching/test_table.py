"""Rows of the tie-point table: where what was matched lies, and what was not."""

import numpy as np
import pytest
from rasterio.transform import Affine
from sarbridge.engine.matching.matches import Matches
from sarbridge.engine.matching.table import rows_of
from sarbridge.engine.matching.working_grid import working_grid
from sarbridge.tests.engine.matching.matching_pairs import UTM, source, write

PLACE = Affine(10, 0, 500_000, 0, -10, 5_500_000)

MOVED = Affine.translation(500, -40)
"""Pixels by which the first stage found the optical image to be off."""


@pytest.fixture
def images(tmp_path):
    values = np.random.default_rng(0).integers(0, 255, (600, 600)).astype(np.uint8)
    return [source(name, write(tmp_path / f"{name}.tif", values, PLACE, UTM), UTM) for name in ("sar", "optical")]


def test_what_was_never_matched_lies_where_it_was_looked_for(images):
    """On the SAR image, not by the whole first shift beside it; of what was matched the offset tells."""
    sar, optical = images
    grid = working_grid(sar, optical)
    tried = Matches(
        col=np.array([510.0, 520.0]),
        row=np.array([60.0, 70.0]),
        dx=np.array([np.nan, 3.0]),
        dy=np.array([np.nan, -2.0]),
        score=np.array([np.nan, 0.9]),
        peak_ratio=np.array([np.nan, 2.0]),
        sigma=np.full(2, np.nan),
        reason=np.array(["border", ""]),
    )
    never, matched = rows_of(tried.without(MOVED), np.full(2, np.nan), grid, sar, optical, MOVED)
    assert (never["sar_col"], never["sar_row"]) == pytest.approx((510, 60))
    assert (never["opt_col"], never["opt_row"]) == pytest.approx((10, 100))
    assert never["dx_px"] is None and never["length_m"] is None
    assert (matched["sar_col"], matched["sar_row"]) == pytest.approx((523, 68))
    assert (matched["dx_px"], matched["dy_px"]) == pytest.approx((503, -42))
