"""PSiam's stream at every pixel: what a patch from there has, wherever no padding reaches."""

import torch
from sarbridge.models.matching.psiam import stream
from sarbridge.models.matching.psiam_search import at_every_pixel


@torch.no_grad()
def test_every_pixel_has_the_features_of_a_patch_from_there():
    """Two convolutions each reach 2, 4, 8 and 16 pixels at their strides, 30 in all."""
    torch.manual_seed(3)
    layers = stream().double()
    for module in layers:  # norms that change something
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.running_var, 0.01, 0.3)
            torch.nn.init.normal_(module.bias, std=0.3)
    layers.eval()
    image = torch.randn(1, 1, 112, 112, dtype=torch.float64)
    dense = at_every_pixel(layers, image)
    assert dense.shape == (1, 128, 112, 112)
    for row, col in ((0, 0), (3, 5), (8, 1), (15, 15)):
        patch = layers(image[:, :, row : row + 96, col : col + 96])
        same = dense[:, :, row : row + 96 : 8, col : col + 96 : 8]
        free = slice(4, 8)  # cells of pixels 32 to 63: what they see lies within pixels 2 to 93
        torch.testing.assert_close(same[..., free, free], patch[..., free, free])
        assert (same - patch)[..., 3, :].abs().max() > 1e-3, "pixel 24 sees the padding above pixel 0"
