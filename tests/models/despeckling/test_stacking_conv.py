"""Stacked maps of several sizes are convolved as if their pixels had been repeated."""

import pytest
import torch
from sarbridge.models.despeckling.stacking_conv import StackingConv
from torch.nn import functional as F


@pytest.mark.parametrize("factors", [(2, 1), (16, 4, 2, 1, 1), (1,)])
def test_it_convolves_the_stack(factors):
    """Results and gradients are those of a plain convolution of the stack, to the borders."""
    torch.manual_seed(0)
    maps = [torch.randn(2, 3 + n, 32 // f, 48 // f, requires_grad=True) for n, f in enumerate(factors)]
    conv = StackingConv(sum(each.shape[1] for each in maps), 5)
    stack = torch.cat([each.repeat_interleave(f, 2).repeat_interleave(f, 3) for each, f in zip(maps, factors)], 1)
    expected = F.conv2d(stack, conv.weight, conv.bias, padding=1)
    found, learnt = conv(maps), [*maps, *conv.parameters()]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
    pull = torch.randn_like(expected)
    for ours, theirs in zip(*(torch.autograd.grad((each * pull).sum(), learnt) for each in (found, expected))):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-3)


@torch.inference_mode()
def test_it_is_as_exact_in_the_precision_and_layout_of_inference():
    """Sums of weights are rounded to bf16 as weights are: errors stay those of a few products."""
    torch.manual_seed(0)
    conv = StackingConv(24, 8).to(memory_format=torch.channels_last)
    maps = [torch.randn(1, 8, side, side).contiguous(memory_format=torch.channels_last) for side in (16, 32, 64)]
    exact = conv(maps)
    with torch.autocast("cpu", torch.bfloat16):
        found = conv(maps)
    assert found.dtype == torch.bfloat16
    assert float((found.float() - exact).square().mean().sqrt() / exact.std()) < 0.01
