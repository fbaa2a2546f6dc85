"""Patches cut out of images, and what they are put through."""

import torch
from sarbridge.engine.training.variation import blurred, cut_patch, means_of_3x3, nearest_patch


def test_labels_stay_whole_numbers_and_end_with_the_place():
    labels = torch.arange(1, 17).reshape(1, 4, 4).int()
    patch = nearest_patch(labels, torch.tensor([4.0, 2.0]), torch.eye(2), 4)
    assert patch.tolist() == [[[3, 4, 0, 0], [7, 8, 0, 0], [11, 12, 0, 0], [15, 16, 0, 0]]]
    turned = nearest_patch(labels, torch.tensor([2.0, 2.0]), torch.tensor([[0.0, 1.0], [-1.0, 0.0]]), 4)
    assert torch.equal(turned[0], labels[0].rot90(-1))


def test_images_and_labels_are_cut_at_the_same_place():
    image = torch.rand(2, 30, 40, generator=torch.Generator().manual_seed(0))
    centre, quarter = torch.tensor([22.0, 13.0]), torch.tensor([[0.0, -1.0], [1.0, 0.0]])
    torch.testing.assert_close(cut_patch(image, centre, quarter, 8), nearest_patch(image, centre, quarter, 8))


def test_a_mean_is_that_of_a_pixel_and_the_neighbours_that_it_has():
    image = torch.arange(12.0).reshape(1, 3, 4)
    means = means_of_3x3(image)
    assert means[0, 1, 1] == 5 and means[0, 0, 0] == (0 + 1 + 4 + 5) / 4
    assert torch.equal(means_of_3x3(image[None])[0], means)
    shares = torch.tensor([0.0, 0.5])[:, None, None, None]
    none, half = blurred(image.expand(2, 1, 3, 4), shares)
    torch.testing.assert_close(none, image)
    torch.testing.assert_close(half, (image + means) / 2)
    torch.testing.assert_close(blurred(image, 0.5), half)
