"""The model file that ships, on a real tile that it was not trained on."""

from contextlib import nullcontext

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import from_origin
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.sources import RasterSource
from sarbridge.contract.tie_points import SIGMA_CLASSES
from sarbridge.engine.matching import bridge_matcher
from sarbridge.engine.matching.bridge_matcher import BridgeMatcher
from sarbridge.engine.matching.error_scores import scores_of
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.matching.peaks import find_peaks
from sarbridge.engine.matching.training.evaluation import errors_of, heat_maps, planted_windows
from sarbridge.engine.reporting import NullReporter
from sarbridge.models.card import read_card
from sarbridge.models.model_file import load_model
from sarbridge.recipes.pairs import read_pair

MODEL = SHIPPED_MODELS / "bridgematch_s1s2.safetensors"


@pytest.fixture(scope="module")
def matcher():
    _, networks = load_model(MODEL, "match")
    return BridgeMatcher(networks["match"], torch.device("cpu"))


@pytest.fixture(scope="module")
def flat_tile(real_data):
    """A tile of the validation list with little relief: its truth is good to half a pixel everywhere."""
    return read_pair(real_data / "s1s2_los_angeles", "188")


def heat_of(matcher, tile, windows):
    return torch.cat(list(heat_maps(matcher, tile.sar[0].float(), tile.grey(), windows)))


def test_its_card_says_what_it_takes():
    card = read_card(MODEL)
    assert {role: image["bands"] for role, image in card.inputs.items()} == {"sar": 1, "optical": 1}
    assert card.inputs["sar"]["unit"] == "dB or 8-bit rendering" and card.inputs["sar"]["range"] is None
    assert card.inputs["sar"]["polarisations"] == ["VV", "VH"]


def test_it_is_small_enough_to_ship():
    assert MODEL.stat().st_size <= 6e6


def test_planted_offsets_on_a_real_tile_are_found(matcher, flat_tile):
    windows = planted_windows(1024, 1024, spacing=128)
    scores = scores_of(errors_of(heat_of(matcher, flat_tile, windows), windows.truths))
    assert scores.count == 49
    assert scores.within_1 > 85 and scores.within_3 > 95


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_moves_offsets_as_little_as_stated(matcher, flat_tile, monkeypatch, dtype):
    windows = planted_windows(1024, 1024, spacing=128)
    offsets = []
    for context in (torch.autocast("cpu", dtype), nullcontext()):
        monkeypatch.setattr(bridge_matcher, "reduced_precision", lambda device, context=context: context)
        peaks = find_peaks(heat_of(matcher, flat_tile, windows))
        offsets.append(torch.stack((peaks.dx, peaks.dy), 1))
    moved = (offsets[0] - offsets[1]).norm(dim=1)
    assert 0 < moved.median() <= 0.005
    assert (moved <= 0.02).float().mean() >= 0.9


@pytest.fixture(scope="module")
def misplaced(flat_tile, tmp_path_factory):
    """A part of the tile, optical misplaced by 9 pixels right and 6 up: (SAR source, optical source)."""
    folder, sources = tmp_path_factory.mktemp("misplaced"), []
    for name, bands, (right, up) in (("sar", flat_tile.sar, (0, 0)), ("optical", flat_tile.optical, (9, 6))):
        values = bands[:, 256:704, 256:704].numpy()
        profile = {"driver": "GTiff", "width": 448, "height": 448, "count": len(values), "dtype": "uint8"}
        place = from_origin(500_000 + 10 * right, 5_200_000 + 10 * up, 10, 10)
        with rasterio.open(folder / f"{name}.tif", "w", crs="EPSG:32633", transform=place, **profile) as dataset:
            dataset.write(values)
            crs = dataset.crs.to_wkt()
        sources.append(RasterSource(name, str(folder / f"{name}.tif"), crs, tuple(range(1, len(values) + 1))))
    return sources


def test_acceptance_does_not_depend_on_the_largest_shift(misplaced):
    """The same points, all but one in twenty, however far the first stage looked, to a fraction of a pixel."""
    found = {}
    for reach in (32, 96, 256):
        job = MatchTiePointsJob(*misplaced, model=str(MODEL), max_shift=reach, outlier_test="none", device="cpu")
        rows = run(job, NullReporter())["rows"]
        found[reach] = np.array([[row[key] for key in ("opt_col", "opt_row", "dx_px", "dy_px")] for row in rows])
    assert len(found[32]) >= 12
    for reach in (96, 256):
        apart = np.abs(found[reach][:, None, :2] - found[32][:, :2]).max(-1)
        shared = apart.min(1) < 3
        assert len(found[reach]) + len(found[32]) - 2 * shared.sum() <= 0.05 * len(found[32])
        moved = found[reach][shared, 2:] - found[32][apart.argmin(1)[shared], 2:]
        assert np.linalg.norm(moved, axis=1).max() < 0.4


def test_colours_tell_the_points_apart_that_pass(misplaced):
    job = MatchTiePointsJob(*misplaced, model=str(MODEL), candidates="grid", spacing=32, device="cpu")
    sigmas = [row["sigma_px"] for row in run(job, NullReporter())["rows"]]
    classes = np.unique(np.searchsorted([*SIGMA_CLASSES], sigmas, side="right"), return_counts=True)[1]
    assert len(classes) >= 3 and classes.max() <= 0.6 * len(sigmas)
