"""NCC and mutual information against direct computations at every offset."""

import numpy as np
import pytest
import torch
from sarbridge.engine.matching.classical import mutual_information_heat, ncc_heat

RNG = np.random.default_rng(5)


def offsets(searches, h, w):
    for n in range(searches.shape[0]):
        for row in range(searches.shape[1] - h + 1):
            for col in range(searches.shape[2] - w + 1):
                yield n, row, col, searches[n, row : row + h, col : col + w]


def direct_mutual_information(template, part, bins, search_range):
    histogram = np.histogram2d(
        template.ravel(), part.ravel(), bins=bins, range=[(template.min(), template.max()), search_range]
    )[0]
    joint = histogram / histogram.sum()
    independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    filled = joint > 0
    return (joint[filled] * np.log(joint[filled] / independent[filled])).sum()


@pytest.mark.parametrize("mean", [0.0, 1000.0])
def test_ncc_at_every_offset(mean):
    templates, searches = RNG.normal(mean, 1, (3, 7, 9)), RNG.normal(mean, 1, (3, 15, 12))
    heat = ncc_heat(torch.tensor(templates), torch.tensor(searches)).numpy()
    assert heat.shape == (3, 9, 4)
    for n, row, col, part in offsets(searches, 7, 9):
        expected = np.corrcoef(templates[n].ravel(), part.ravel())[0, 1]
        assert heat[n, row, col] == pytest.approx(expected, abs=1e-9)


def test_ncc_in_single_precision():
    templates = (-12 + 3 * RNG.normal(size=(2, 64, 64))).astype(np.float32)  # as SAR in dB
    searches = (-12 + 3 * RNG.normal(size=(2, 128, 130))).astype(np.float32)
    heat = ncc_heat(torch.tensor(templates), torch.tensor(searches)).numpy()
    for n, row, col, part in offsets(searches, 64, 64):
        if (row + col) % 37 == 0:
            expected = np.corrcoef(templates[n].ravel().astype(float), part.ravel().astype(float))[0, 1]
            assert heat[n, row, col] == pytest.approx(expected, abs=1e-5)


def test_ncc_finds_a_crop_of_other_gain_and_offset():
    search = torch.tensor(RNG.normal(size=(1, 128, 128)), dtype=torch.float32)
    heat = ncc_heat(-3 * search[:, 20:84, 41:105] + 7, search)
    assert divmod(heat.argmin().item(), heat.shape[2]) == (20, 41)
    assert heat.min().item() == pytest.approx(-1, abs=1e-5)


@pytest.mark.parametrize("level", [0.0, 0.1, 1234.5])
def test_ncc_is_zero_where_something_is_constant(level):
    search = torch.tensor(RNG.normal(size=(1, 48, 48)), dtype=torch.float32)
    search[:, 10:40, 5:40] = level
    template = torch.tensor(RNG.normal(size=(1, 16, 16)), dtype=torch.float32)
    heat = ncc_heat(template, search)
    assert heat.isfinite().all() and heat.abs().max() <= 1
    assert (heat[0, 10:25, 5:25] == 0).all()
    if level < 1:
        assert heat[0, 0, 0] != 0
    assert (ncc_heat(torch.full((1, 16, 16), level), search) == 0).all()
    assert (ncc_heat(template, torch.full((1, 48, 48), level)) == 0).all()


@pytest.mark.parametrize("bins", [16, 5])
def test_mutual_information_at_every_offset(bins):
    searches = RNG.normal(size=(2, 24, 20))
    templates = np.abs(searches[:, 5:17, 3:13]) + 0.1 * RNG.normal(size=(2, 12, 10))
    heat = mutual_information_heat(torch.tensor(templates), torch.tensor(searches), bins=bins).numpy()
    assert heat.shape == (2, 13, 11)
    for n, row, col, part in offsets(searches, 12, 10):
        span = (searches[n].min(), searches[n].max())
        expected = direct_mutual_information(templates[n], part, bins, span)
        assert heat[n, row, col] == pytest.approx(expected, abs=1e-5)
    assert divmod(heat[0].argmax(), 11) == (5, 3)


def test_mutual_information_of_an_image_with_itself_is_its_entropy():
    image = torch.tensor(RNG.integers(0, 4, (1, 32, 32)), dtype=torch.float32)
    share = np.bincount(image.long().ravel().numpy()) / 1024
    heat = mutual_information_heat(image, image, bins=4)
    assert heat.item() == pytest.approx(-(share * np.log(share)).sum(), abs=1e-5)


def test_mutual_information_with_a_constant_image_is_zero():
    varied, constant = torch.rand(1, 16, 16), torch.full((1, 8, 8), 3.0)
    assert mutual_information_heat(constant, varied).abs().max() < 1e-5
    assert mutual_information_heat(varied[:, :8, :8], torch.full((1, 16, 16), 3.0)).abs().max() < 1e-5
