"""Normalised correlation and box sums against direct computation at every offset."""

import numpy as np
import pytest
import torch
from sarbridge.models.matching.correlation import _Correlation, box_sum, normalised_correlation

RNG = np.random.default_rng(11)


def random(*shape):
    return torch.tensor(RNG.normal(size=shape))


def direct_cosine(template, search):
    """Cosine of the template and the search window under it at every offset, in double precision, without torch."""
    template, search = template.double().numpy(), search.double().numpy()
    (count, _, h, w), (height, width) = template.shape, search.shape[-2:]
    heat = np.empty((count, height - h + 1, width - w + 1))
    for n, row, col in np.ndindex(heat.shape):
        part = search[n, :, row : row + h, col : col + w]
        heat[n, row, col] = (template[n] * part).sum() / np.linalg.norm(template[n]) / np.linalg.norm(part)
    return heat


@pytest.mark.parametrize("channels", [1, 5])
@pytest.mark.parametrize(
    ("size", "window"), [((6, 7), (15, 12)), ((8, 8), (17, 16)), ((5, 9), (5, 20)), ((4, 4), (4, 4))]
)
def test_every_offset(channels, size, window):
    template, search = random(3, channels, *size), random(3, channels, *window)
    heat = normalised_correlation(template, search)
    assert heat.dtype == torch.float32
    np.testing.assert_allclose(heat, direct_cosine(template, search), atol=2e-6)


def test_every_offset_beside_much_brighter_ground():
    """The energy of a dim box is a small difference of large sums; the division must not suffer from it."""
    template, search = random(1, 2, 8, 8), random(1, 2, 128, 128)
    search[..., :64] *= 300
    np.testing.assert_allclose(normalised_correlation(template, search), direct_cosine(template, search), atol=2e-4)


def test_gain_of_either_side_does_not_count():
    template, search = random(2, 3, 8, 8), random(2, 3, 20, 20)
    heat = normalised_correlation(template, search)
    torch.testing.assert_close(normalised_correlation(250 * template, 0.01 * search), heat, atol=1e-5, rtol=0)


def test_a_crop_scores_one_where_it_was_cut():
    search = random(1, 4, 40, 50)
    heat = normalised_correlation(search[:, :, 11:27, 23:39], search)
    assert divmod(heat.argmax().item(), heat.shape[2]) == (11, 23)
    assert heat.max().item() == pytest.approx(1, abs=1e-5)


def test_nothing_matches_what_is_empty():
    heat = normalised_correlation(torch.zeros(1, 2, 4, 4), random(1, 2, 9, 9))
    assert (heat == 0).all()
    assert normalised_correlation(random(1, 2, 4, 4), torch.zeros(1, 2, 9, 9)).isfinite().all()


def test_gradient_of_the_plain_correlation():
    template, search = random(2, 2, 3, 4).requires_grad_(), random(2, 2, 7, 6).requires_grad_()
    assert torch.autograd.gradcheck(_Correlation.apply, (template, search))


def test_gradient_of_the_normalised_correlation():
    """Against autograd through a direct double-precision computation."""
    template, search, weight = random(2, 3, 4, 5), random(2, 3, 8, 9), random(2, 5, 5)
    gradients = []
    for correlate in (normalised_correlation, windowed_cosine):
        inputs = template.clone().requires_grad_(), search.clone().requires_grad_()
        (correlate(*inputs).double() * weight).sum().backward()
        gradients.append([part.grad for part in inputs])
    for ours, direct in zip(*gradients):
        torch.testing.assert_close(ours, direct, atol=1e-5, rtol=1e-4)


def windowed_cosine(template, search):
    windows = search.unfold(2, template.shape[2], 1).unfold(3, template.shape[3], 1)  # [N, C, rows, cols, h, w]
    product = torch.einsum("ncijhw,nchw->nij", windows, template)
    lengths = windows.square().sum((1, 4, 5)).sqrt() * template.square().sum((1, 2, 3)).sqrt()[:, None, None]
    return product / lengths


def test_box_sum_of_whole_numbers_is_exact():
    images = torch.tensor(RNG.integers(0, 2, (2, 300, 257)), dtype=torch.float32)
    views = np.lib.stride_tricks.sliding_window_view(images.numpy(), (100, 64), (1, 2))
    assert np.array_equal(box_sum(images, 100, 64), views.sum((3, 4)))


def test_box_sum_of_small_values_beside_large_ones():
    images = torch.full((1, 200, 200), 1e-3)
    images[:, :100] = 1e4
    boxes = box_sum(images, 10, 10)
    assert boxes.dtype == torch.float32
    np.testing.assert_allclose(boxes[0, 100:], 0.1, rtol=1e-5)
