"""The benchmarks on something tiny: planted shifts that they must find, with networks made to find them."""

import copy

import numpy as np
import pytest
import rasterio
import torch
from affine import Affine
from sarbridge.benchmarks import matching, peak_memory, psiam_search, validation, whole_tiles
from sarbridge.benchmarks.synthetic_pair import CRS, synthetic_pair, write_pair
from sarbridge.engine.matching.bridge_matcher import BridgeMatcher
from sarbridge.engine.matching.orientation_matcher import OrientationMatcher
from sarbridge.engine.matching.psiam_matcher import DensePSiamMatcher, PSiamMatcher
from sarbridge.engine.matching.training.evaluation import errors_of, heat_maps, planted_windows, thinned
from sarbridge.engine.training.pair import Pair
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.models.matching.goodness import GoodnessNet
from sarbridge.models.matching.orn import OutlierReductionNet
from sarbridge.models.model_file import save_model
from sarbridge.models.networks import network_entries
from sarbridge.tests.model_cards import card_with
from sarbridge.tests.models.matching.transparent_psiam import transparent_psiam
from scipy.ndimage import gaussian_filter

CPU = torch.device("cpu")
WIDTHS = {"widths": [8, 8, 8], "features": 4}


@pytest.fixture(autouse=True)
def no_gradients():
    with torch.no_grad():
        yield


def texture(side, seed=0):
    """A smooth random texture, float64 [side, side], in 30..220."""
    smooth = gaussian_filter(np.random.default_rng(seed).standard_normal((side, side)), 2.5)
    return np.clip(125 + 40 * smooth / smooth.std(), 30, 220)


def twin_network():
    """A BridgeMatch that sees the same in both modalities: it matches an image with itself, whatever its weights.

    Untrained, its features differ between the places of the lattice: shifts that it is to find are multiples of 8.
    """
    torch.manual_seed(1)
    network = BridgeMatch(**WIDTHS).eval()
    network.optical = copy.deepcopy(network.sar)
    return network


@pytest.fixture
def model(tmp_path):
    """A model file of the twin network whose goodness and ORN let everything pass."""
    networks = {"match": twin_network(), "orn": OutlierReductionNet()}
    networks |= {"goodness.sar": GoodnessNet(), "goodness.optical": GoodnessNet()}
    path = tmp_path / "twin.safetensors"
    save_model(path, card_of(networks, {"match": WIDTHS}), networks)
    return path


def card_of(networks, arguments):
    """A card for networks {prefix: module} with constructor arguments {prefix: dict}; its thresholds reject nothing."""
    return card_with(
        networks=network_entries(networks, arguments),
        inputs={"sar": {"bands": 1, "unit": "8-bit rendering", "range": [0, 255], "polarisations": []}},
        operating_point={"goodness_threshold": 0.0, "orn_threshold": 0.0},
    )


def one_texture_twice(side=320, max_shift=32):
    image = torch.from_numpy(texture(side).astype(np.uint8))[None]
    return validation.Set("texture", [Pair("a", image, image)], 64, max_shift, like_training=True)


def test_the_table_scores_methods_that_must_succeed_at_once():
    scored = one_texture_twice()
    rows = list(validation.rows_of(scored, validation.classical(), None))
    assert [name for name, *_ in rows] == ["NCC", "mutual information", "orientations of gradients"]
    for _, errors, kept in rows:
        assert len(errors) == 4 and errors.max() < 0.5 and kept == 100
    assert validation.table_row("NCC", np.array([0.0, 2.0, 4.0]), 50).startswith("| NCC | 33.3 | 66.7 | 2.00 |")


def test_the_model_rows_count_what_the_filters_keep(model):
    card, networks = validation.load_model(model, "match")
    rows = list(validation.rows_of(one_texture_twice(), [], (card, networks)))
    assert [len(errors) for _, errors, _ in rows] == [4] * 4
    assert max(errors.max() for _, errors, _ in rows) < 0.5
    card.operating_point["orn_threshold"] = 1.1
    rows = list(validation.rows_of(one_texture_twice(), [], (card, networks)))
    assert [kept for *_, kept in rows] == [100, 100, 0, 0]
    assert validation.table_row(*rows[-1]).endswith("| 0.0 | 0 |")


def test_both_ways_of_searching_with_psiam_are_measured_on_the_same_windows():
    image = torch.from_numpy(texture(200).astype(np.uint8))[None]
    windows = [planted_windows(200, 200, max_shift=4, spacing=128)]
    network = transparent_psiam(32)
    sliding, dense = (
        psiam_search.search(way(network, (0.0, 255.0)), [Pair("a", image, image)], windows, reach=4)
        for way in (PSiamMatcher, DensePSiamMatcher)
    )
    assert len(sliding.errors) == 1 and sliding.errors.max() < 0.5 and dense.errors.max() < 1
    assert sliding.heat.shape == dense.heat.shape == (1, 9, 9) and sliding.seconds > 0
    said = psiam_search.difference(sliding.heat, sliding.heat + 0.0)
    assert "differ by 0.000 in the median" in said and "correlate with 1.000" in said and "100 % of the peaks" in said


def test_thinning_draws_the_same_windows_again():
    windows = [planted_windows(448, 448, 64, seed=seed) for seed in range(2)]
    first, second = thinned(windows, 10), thinned(windows, 10)
    assert sum(len(part.centres) for part in first) == 10
    for one, other in zip(first, second):
        assert torch.equal(one.centres, other.centres) and torch.equal(one.truths, other.truths)


def test_a_displaced_tile_is_found_by_the_job(model, tmp_path):
    image = texture(384).astype(np.uint8)
    profile = {"driver": "GTiff", "width": 384, "height": 384, "dtype": "uint8", "crs": CRS}
    for name, bands in (("sar.tif", 1), ("optical.tif", 3)):
        with rasterio.open(tmp_path / name, "w", count=bands, transform=Affine(10, 0, 0, 0, -10, 0), **profile) as file:
            file.write(np.stack([image] * bands))
    tile = whole_tiles.run_on_tile(tmp_path / "sar.tif", tmp_path / "optical.tif", (8.0, -8.0), model, 16)
    # 376 x 376 working pixels overlap: five windows of 64 px a side
    assert tile.windows == 25
    assert 4 <= len(tile.errors) <= len(tile.errors_untested)
    assert tile.errors.max() < 0.5


def test_synthetic_pairs_show_the_same_shapes():
    sar, optical = (image.astype(float) for image in synthetic_pair(256))
    assert abs(np.corrcoef(sar.ravel(), optical.ravel())[0, 1]) < 0.5
    matcher = OrientationMatcher()
    areas = (torch.from_numpy(image).float() for image in (sar, optical))
    windows = planted_windows(256, 256, max_shift=16, spacing=32)
    (heat,) = heat_maps(matcher, *areas, windows, max_shift=16)
    assert errors_of(heat, windows.truths).max() < 1


def test_all_ways_of_matching_are_timed_and_the_two_of_bridge_match_agree():
    network = twin_network()
    image = torch.from_numpy(texture(64 + 2 * matching.MARGIN)).float()
    assert matching.candidates_of(image).tolist() == [[184, 184]]  # 64 + 32 + HALO
    matcher = BridgeMatcher(network, CPU)
    assert matching.difference(matcher, image, image).max() <= 0.1
    moved = image.roll((8, -16), (0, 1))
    for way in (matching.per_area, matching.per_candidate):
        (offset,) = way(matcher, moved, image, matching.candidates_of(image))
        assert offset.tolist() == pytest.approx([-16, 8], abs=0.2)
    lines = matching.speed_table(network, (image, image), 1, CPU).splitlines()
    assert [line for line in lines if line.startswith("| published way")][0].endswith("| 1.0 |")
    assert len([line for line in lines if line.startswith("| BridgeMatch")]) == 2


def test_memory_of_a_run_of_its_own(tmp_path):
    job = peak_memory.job_of(*write_pair(tmp_path, 384, peak_memory.PLANTED), None)
    peak, numbers = peak_memory.measured(job)
    assert 0.1 < peak < 3
    assert numbers["POINT_COUNT"] > 0
