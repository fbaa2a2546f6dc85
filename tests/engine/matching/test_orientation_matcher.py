"""The orientations of gradients: exact on ramps, blind to contrast and unit, silent where nothing is."""

import numpy as np
import pytest
import torch
from sarbridge.contract.matching_jobs import LEARNED_METHODS
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.matching.orientation_matcher import OrientationMatcher
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.matching.matching_pairs import SHIFT, job
from scipy.ndimage import gaussian_filter

MARGIN = OrientationMatcher.margin


def texture(side):
    """A smooth random image, float64 [side, side], mean 0, standard deviation 1."""
    smooth = gaussian_filter(np.random.default_rng(3).standard_normal((side, side)), 2)
    return (smooth - smooth.mean()) / smooth.std()


def field(image):
    """The description of an image as optical one, without its margin."""
    image = torch.as_tensor(np.asarray(image), dtype=torch.float32)
    described = OrientationMatcher().describe(image, image)[1]
    return described[:, MARGIN:-MARGIN, MARGIN:-MARGIN]


@pytest.mark.parametrize("degrees", [0, 30, 90, 135, 200])
def test_a_ramp_has_twice_its_angle_everywhere(degrees):
    angle = np.radians(degrees)
    rows, cols = np.mgrid[:40, :50]
    ramp = 7 + 0.3 * (np.cos(angle) * cols + np.sin(angle) * rows)
    cosine, sine = field(ramp)
    # Mirrored borders have shorter gradients, so that the mean length lies a little below that of all others.
    weight = torch.hypot(cosine, sine)
    assert weight.numpy() == pytest.approx(1, abs=0.05)
    assert (cosine / weight).numpy() == pytest.approx(np.cos(2 * angle), abs=1e-4)
    assert (sine / weight).numpy() == pytest.approx(np.sin(2 * angle), abs=1e-4)


def test_a_planted_shift_is_found_in_inverted_contrast():
    scene = texture(240)
    optical = torch.from_numpy(scene[40:200, 40:200]).float()
    sar = torch.from_numpy(-scene[40 - 4 : 200 - 4, 40 - 9 : 200 - 9]).float()  # the ground lies 9 right, 4 down
    matcher = OrientationMatcher()
    sar_field, optical_field = matcher.describe(sar, optical)
    heat = matcher.heat(optical_field[None, :, 32:128, 32:128], sar_field[None, :, 16:144, 16:144])
    row, col = divmod(heat[0].argmax().item(), heat.shape[2])
    assert (col - 16, row - 16) == (9, 4)
    assert heat.max().item() == pytest.approx(1, abs=1e-4) and matcher.score(heat).max() <= 1
    # Grey values are worse than useless here.
    assert np.corrcoef(sar[4:, 9:].ravel(), optical[:-4, :-9].ravel())[0, 1] < -0.99


@pytest.mark.parametrize(("gain", "offset"), [(1 / 255, 0), (4, -12), (-25, 128)])
def test_gain_and_offset_change_nothing(gain, offset):
    """dB, grey values of 0 to 1 and of 8 bit, bright on dark and dark on bright."""
    scene = texture(64)
    assert field(gain * scene + offset).numpy() == pytest.approx(field(scene).numpy(), abs=2e-3)


def test_eight_bit_is_nearly_as_good_as_decibels():
    scene = texture(64)
    exact, rounded = (field(each).flatten() for each in (scene, np.clip(128 + 40 * scene, 0, 255).astype(np.uint8)))
    assert torch.nn.functional.cosine_similarity(exact, rounded, 0) > 0.99


@pytest.mark.parametrize("level", [0.0, 0.1, 1234.5])
def test_nothing_is_seen_where_an_image_is_constant(level):
    assert (field(np.full((40, 40), level)) == 0).all()
    scene = 3 * texture(80)
    scene[20:60, 20:60] = level
    seen = field(scene)
    assert (seen[:, 20:60, 20:60][:, : -2 * MARGIN, : -2 * MARGIN] == 0).all() and seen.abs().max() > 0
    heat = OrientationMatcher().heat(torch.zeros(1, 2, 16, 16), seen[None])
    assert (heat == 0).all()


def test_a_place_looks_the_same_in_every_area_that_holds_it():
    scene = texture(96)
    whole, part = field(scene), field(scene[20:80, 10:70])
    within = whole[:, 20:, 10:][:, : part.shape[1], : part.shape[2]]
    # But for the factor of the mean length, which a normalised correlation does not see.
    factor = (within.square().sum() / part.square().sum()).sqrt()
    assert factor == pytest.approx(1, abs=0.1)
    assert (factor * part).numpy() == pytest.approx(within.numpy(), abs=1e-4)


def test_it_takes_two_float32_a_pixel():
    described = OrientationMatcher().describe(torch.rand(50, 60), torch.rand(40, 30))
    assert [(each.dtype, tuple(each.shape)) for each in described] == [
        (torch.float32, (2, 50, 60)),
        (torch.float32, (2, 40, 30)),
    ]


def test_a_run_without_a_model_finds_the_planted_shift(turned):
    """SAR in dB on a turned lattice, optical in 8 bit and degrees."""
    assert "orientation" not in LEARNED_METHODS
    result = run(job(turned, method="orientation"), NullReporter())
    assert result["numbers"]["ACCEPTED_COUNT"] >= 16
    for row in result["rows"]:
        assert (row["dx_m"], row["dy_m"]) == pytest.approx(SHIFT, abs=2.0)
        assert 0.5 < row["score"] <= 1 and row["sigma_px"] is None
