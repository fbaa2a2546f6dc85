"""BridgeView: shapes, and what a pixel depends on."""

import torch
from sarbridge.models.folded_unet import REACH, STRIDE
from sarbridge.models.translation.bridge_view import BridgeView


def test_colours_and_their_scale_have_the_size_of_the_image():
    translated = BridgeView(widths=(4, 4, 4, 4, 4)).eval()(torch.randn(2, 4, 64, 96))
    assert translated.shape == (2, 4, 64, 96) and translated[:, 3].min() > 0


def test_heights_are_one_plane_more():
    network = BridgeView(widths=(4, 4, 4, 4, 4), with_dem=True).eval()
    sar, dem = torch.randn(1, 4, 64, 64), torch.rand(1, 1, 64, 64)
    assert network(sar, dem).shape == (1, 4, 64, 64)
    assert not torch.equal(network(sar, dem), network(sar, 0.5 * dem))
    more = sum(each.numel() for each in network.parameters())
    assert more - sum(each.numel() for each in BridgeView(widths=(4, 4, 4, 4, 4)).parameters()) == 4 * 4 * (9 + 1)


def test_the_reach_is_that_of_its_layers():
    """With positive weights nothing cancels out: what has a gradient is what the pixel depends on."""
    network = BridgeView(inputs=1, bands=1, widths=(1, 1, 1, 1, 1)).double().eval()
    for weights in network.parameters():
        torch.nn.init.constant_(weights, 0.1)
    side, reach = 640, 0
    image = torch.ones(1, 1, side, side, dtype=torch.float64, requires_grad=True)
    colours = network(image)[0, 0]
    for place in range(side // 2, side // 2 + STRIDE):
        [gradient] = torch.autograd.grad(colours[place, place], image, retain_graph=True)
        rows = (gradient[0, 0] != 0).any(1).nonzero()[:, 0]
        reach = max(reach, place - int(rows.min()), int(rows.max()) - place)
    assert reach == REACH
