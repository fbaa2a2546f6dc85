"""What predicts the errors of matches."""

import torch
from sarbridge.contract.tie_points import SMALLEST_SIGMA
from sarbridge.models.matching.match_error_net import AROUND, MatchErrorNet


def network():
    torch.manual_seed(0)
    return MatchErrorNet().eval()


def heat(count=5):
    return torch.rand(count, 1, 2 * AROUND + 1, 2 * AROUND + 1, generator=torch.Generator().manual_seed(1)) - 0.5


def test_each_match_has_one_error_whatever_else_is_in_the_batch():
    net = network()
    with torch.no_grad():
        together, alone = net(heat()), torch.cat([net(each[None]) for each in heat()])
    assert together.shape == (5,) and together.std() > 0
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_errors_stay_within_bounds():
    net = network()
    with torch.no_grad():
        for bias, bound in ((-100.0, SMALLEST_SIGMA), (100.0, 32.0)):
            net.head[-1].bias.fill_(bias)
            torch.testing.assert_close(net(heat()), torch.full((5,), bound))


def test_half_precision_heat_is_taken():
    assert network()(heat().bfloat16()).dtype == torch.float32
