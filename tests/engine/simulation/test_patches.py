"""The stream of simulated training data: aligned, varied, seeded."""

from itertools import islice

import pytest
import torch
from sarbridge.contract.optical_presets import SENTINEL_2
from sarbridge.engine.geometry.range_lines import NO_DATA
from sarbridge.engine.simulation.patches import eight_bit, patches, scene_patches
from sarbridge.engine.simulation.radar.sar_presets import SENTINEL1_IW_GRD
from sarbridge.recipes.matching import simulated_pairs


@pytest.fixture(scope="module")
def places():
    return list(islice(scene_patches(3, 64, SENTINEL1_IW_GRD, SENTINEL_2, polarisations=2), 2))


def test_a_place_has_all_layers_on_one_grid(places):
    for place in places:
        assert [part.shape for part in place] == [(1, n, 64, 64) for n in (2, 3, 1, 1, 1, 1)]
        assert all(torch.isfinite(part.float()).all() for part in place)
        assert place.optical.min() >= 0 and place.optical.max() <= 1
        assert -40 < place.sar.median() < 5
        assert (place.height >= place.terrain - 0.01).all()
        assert not (place.zones & NO_DATA).any()


def test_the_seed_decides_and_places_differ(places):
    again = next(scene_patches(3, 64, SENTINEL1_IW_GRD, SENTINEL_2, polarisations=2))
    assert all(torch.equal(*parts) for parts in zip(again, places[0]))
    assert not torch.equal(places[0].height, places[1].height)


def test_patches_of_a_batch_stay_aligned_and_the_pool_is_renewed(places):
    row, col = torch.meshgrid(torch.arange(64.0), torch.arange(64.0), indexing="ij")
    shown = []

    def numbered():
        for number in range(100):
            shown.append(number)
            known = (row * 64 + col + 4096 * number)[None, None]
            yield places[0]._replace(sar=known, height=known, optical=known)

    stream = patches(numbered(), 16, batch=2, per_place=4, generator=torch.Generator().manual_seed(0))
    batches = list(islice(stream, 6))
    assert all(torch.equal(batch.sar, batch.height) for batch in batches)
    assert len({batch.sar[0, 0, 0, 0].item() for batch in batches}) == 6
    for patch in batches[-1].sar:
        steps = {abs(patch.diff(dim=dim)).unique().item() for dim in (1, 2)}
        assert steps == {1, 64}, "a crop, turned or mirrored, not resampled"
    assert shown == [0, 1, 2, 3], "four patches a place: two new places in the first five batches"


def test_eight_bit_rendering_cuts_at_the_quantile(places):
    sar, optical = eight_bit(places[0].sar[0], places[0].optical[0])
    assert sar.shape == (2, 64, 64) and optical.shape == (3, 64, 64) and sar.dtype == optical.dtype == torch.uint8
    for image in (*sar, optical):
        assert 0.005 < (image == 255).float().mean() < 0.02
    ratio = 10 ** ((places[0].sar[0, 0, 0, 0] - places[0].sar[0, 0, 5, 7]) / 20)
    if max(sar[0, 0, 0], sar[0, 5, 7]) < 255:
        assert sar[0, 0, 0].item() == pytest.approx(ratio.item() * sar[0, 5, 7].item(), abs=1 + ratio.item())


def test_pairs_for_the_matcher_are_kept(tmp_path, monkeypatch):
    path = tmp_path / "pairs.safetensors"
    made = simulated_pairs.simulated_pairs(path, simulated_pairs.SENTINEL, 1)
    assert made[0].sar.shape == (1, 288, 288) and made[0].optical.shape == (3, 288, 288)
    monkeypatch.setattr(simulated_pairs, "scene_patches", None)
    assert torch.equal(simulated_pairs.simulated_pairs(path, simulated_pairs.SENTINEL, 1)[0].sar, made[0].sar)
