"""What patches of a training are put through."""

import torch
from sarbridge.engine.training.variation import blurred, means_of_3x3


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
