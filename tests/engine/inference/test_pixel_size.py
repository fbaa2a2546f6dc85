"""Which pixels are warned of and refused, by what the model knows."""

import pytest
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.engine.inference.pixel_size import PixelLimits, check_pixel_size
from sarbridge.engine.inference.sar_scene import SarTaker
from sarbridge.engine.rasters.grid import Grid
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.model_cards import card_with

LIMITS = PixelLimits(warned=1.5, refused=4)


def told(size, limits=LIMITS, crs="EPSG:32633"):
    """What is said of pixels so many metres wide, of a model that knows 5 to 20 m."""
    reporter = KeptReports()
    grid = Grid(crs, Affine(size, 0, 500_000, 0, -size, 5_300_000), 10, 10)
    taker = SarTaker(card_with(name="toy"), any_bands=True, doubt="the colours can be wrong")
    returned = check_pixel_size("sar", grid, taker, limits, reporter)
    assert [each for each in [returned] if each] == reporter.texts["warning"]
    return reporter.texts["warning"]


def test_pixels_outside_of_the_limits_are_warned_of_and_refused_with_the_remedy():
    assert not told(5) and not told(20) and not told(29.9) and not told(3.4)
    [text] = told(40)
    assert text == (
        "Pixels of layer 'sar' are 40 m wide, but the model 'toy' knows those of 5 to 20 m: the colours can be wrong. "
        "Resample the layer to 20 m first (Raster > Projections > Warp)."
    )
    with pytest.raises(UserError, match=r"knows those of 5 to 20 m: resample the layer to 5 m first \(.*\), or choose"):
        told(1)
    with pytest.raises(UserError, match=r"wide, .*: choose a model for such pixels, or an image with finer ones\."):
        told(100)
    assert told(1, PixelLimits(1.5)) and told(1000, PixelLimits(1.5)), "without a limit nothing is refused"


def test_nobody_is_sent_to_resample_what_resampling_spoils():
    limits = LIMITS._replace(can_resample=False)
    [text] = told(40, limits)
    assert text.endswith("5 to 20 m: the colours can be wrong. Choose a model for such pixels.")
    with pytest.raises(UserError, match=r"knows those of 5 to 20 m: choose a model for such pixels\."):
        told(1, limits)


def test_radar_geometry_does_not_say_how_large_its_pixels_are():
    assert not told(1, crs="") and not told(1000, crs="")
