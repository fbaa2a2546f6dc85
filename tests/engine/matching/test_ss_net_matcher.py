"""Matching with SSNet: the heat map holds the cosine of the patch under each offset."""

import pytest
import torch
from sarbridge.engine.matching.ss_net_matcher import SsNetMatcher
from sarbridge.models.matching.ss_net import SSNet

pytestmark = pytest.mark.usefixtures("one_thread")


@torch.inference_mode()
def test_each_offset_is_compared_with_its_own_template():
    torch.manual_seed(0)
    matcher = SsNetMatcher(SSNet().eval(), (-30.0, 0.0))
    sar, optical = matcher.describe(-30 * torch.rand(130, 130), torch.rand(128, 128))
    assert sar.min() >= 0 and sar.max() <= 1
    templates = torch.stack((optical, optical.flip(2)))
    heat = matcher.heat(templates, torch.stack((sar, sar)))
    assert heat.shape == (2, 3, 3)
    for number, row, col in ((0, 0, 0), (0, 2, 1), (1, 1, 2)):
        patch = sar[None, :, row : row + 128, col : col + 128]
        alone = matcher.network(patch, templates[number : number + 1])
        assert heat[number, row, col].item() == pytest.approx(alone.item(), abs=1e-4)
