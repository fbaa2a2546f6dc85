"""Patches cut out of images show what they claim to show."""

import torch
from sarbridge.engine.compute.cut_patches import cut_patch, nearest_patch


def test_cut_patch_shows_what_it_claims():
    """On ramps of x and y, bilinear resampling is exact: each pixel tells where it was taken from."""
    rows, cols = torch.meshgrid(torch.arange(90) + 0.5, torch.arange(120) + 0.5, indexing="ij")
    linear, centre = torch.tensor([[0.9, -0.4], [0.3, 1.2]]), torch.tensor([61.3, 40.8])
    patch = cut_patch(torch.stack((cols, rows)), centre, linear, 30)
    for i, j in ((0, 0), (0, 29), (29, 0), (15, 14), (29, 29)):
        expected = linear @ torch.tensor([j - 14.5, i - 14.5]) + centre
        torch.testing.assert_close(patch[:, i, j], expected, atol=1e-3, rtol=0)


def test_cut_patch_is_mirrored_at_the_edge():
    image = torch.arange(40.0)[None, None].expand(1, 40, 40)
    patch = cut_patch(image, torch.tensor([4.0, 20.0]), torch.eye(2), 16)
    # Columns -4..11 of the image, those left of its edge mirrored.
    torch.testing.assert_close(patch[0, 5], torch.tensor([3.0, 2, 1, 0, *range(12)]), atol=1e-4, rtol=0)


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


def test_patches_are_on_the_device_of_the_image():
    image = torch.empty(2, 30, 40, device="meta")
    for cut in (cut_patch, nearest_patch):
        patch = cut(image, torch.tensor([22.0, 13.0]), torch.eye(2), 8)
        assert patch.device.type == "meta" and patch.shape == (2, 8, 8)
