"""Areas in strips: the same maps as of the whole area, with only as much of it at a time as fits."""

import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.inference.area_network import AreaNetwork
from sarbridge.engine.matching.bridge_matcher import BridgeMatcher
from sarbridge.engine.matching.candidates import goodness_network
from sarbridge.engine.matching.peaks import find_peaks
from sarbridge.engine.matching.training.evaluation import heat_maps, planted_windows
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.models.matching.goodness import GoodnessNet
from sarbridge.tests.tiny_bundle import tiny_bridge_match

CPU = torch.device("cpu")


class SmallGpu(torch.nn.Module):
    """A network whose memory is too small for images of more than `most` rows; `rows` tells what it was shown."""

    def __init__(self, network, most):
        super().__init__()
        self.network = network
        self.most = most
        self.rows = []

    def forward(self, image):
        self.rows.append(image.shape[2])
        if image.shape[2] > self.most:
            raise torch.OutOfMemoryError("made up")
        return self.network(image)


@pytest.fixture(autouse=True)
def no_gradients():
    torch.manual_seed(0)
    with torch.inference_mode():
        yield


def blur(side):
    """A convolution over `side` pixels that sees side // 2 rows above and below, with zeros around the image."""
    return torch.nn.Conv2d(1, 3, side, padding=side // 2)


def area_network(network, reporter=None):
    return AreaNetwork(network, CPU, reporter or NullReporter(), step=8, height=8, halo=16)


@pytest.mark.parametrize("rows", [8, 40, 240])
def test_nothing_changes_where_everything_fits(rows):
    network, image = blur(33), torch.randn(1, 1, rows, 50)
    torch.testing.assert_close(area_network(network)(image), network(image))


@pytest.mark.parametrize("most", [40, 64, 100, 200])
def test_strips_with_their_halo_give_the_map_of_the_whole(most):
    network, sent = SmallGpu(blur(33), most), []
    image = torch.randn(1, 1, 240, 50)
    in_strips = area_network(network, Reporter(sent.append))
    torch.testing.assert_close(in_strips(image), network.network(image))
    assert network.rows[0] == 240 and sum(rows > most for rows in network.rows) == len(sent)
    assert sent[0]["text"] == "The GPU's memory is too small for 30 strips at a time: going on with 15."
    network.rows.clear()
    in_strips(image)
    assert max(network.rows) <= most, "what fits is remembered"


def test_a_smaller_halo_would_show():
    """What the test above relies on: strips without enough rows around them differ from the whole."""
    network, image = SmallGpu(blur(35), 100), torch.randn(1, 1, 240, 50)
    assert (area_network(network)(image) - network.network(image)).abs().max() > 1e-3


def test_an_area_of_which_no_strip_fits_is_the_users_error():
    with pytest.raises(UserError, match="single strip.*choose the device cpu"):
        area_network(SmallGpu(blur(3), 0))(torch.randn(1, 1, 64, 50))


@pytest.mark.parametrize("most", [300, 400])
def test_goodness_in_strips(most):
    """Patches of 128 pixels every 32: strips overlap."""
    network = GoodnessNet().eval()
    image = torch.rand(1, 1, 640, 192)
    limited = SmallGpu(network, most)
    goodness = goodness_network(limited, CPU, NullReporter())(image)
    assert goodness.shape == (1, 1, 17, 3) and limited.rows[-1] <= most
    assert goodness.std() > 1e-4
    torch.testing.assert_close(goodness, network(image), atol=1e-5, rtol=1e-4)


def test_matches_are_the_same_whatever_fits():
    texture = torch.nn.functional.avg_pool2d(torch.randn(1, 448, 448), 5, stride=1, padding=2)[0]
    windows = planted_windows(448, 448, max_shift=8)
    offsets = []
    for most in (10_000, 250):
        network = tiny_bridge_match()
        network.sar, network.optical = SmallGpu(network.sar, most), SmallGpu(network.optical, most)
        heat = torch.cat(list(heat_maps(BridgeMatcher(network, CPU), texture, texture, windows, max_shift=8)))
        peaks = find_peaks(heat)
        offsets.append(torch.stack((peaks.dx, peaks.dy), 1))
        assert network.sar.rows[-1] <= most
    assert len(windows.truths) >= 9
    torch.testing.assert_close(offsets[1], offsets[0], atol=0.02, rtol=0)
