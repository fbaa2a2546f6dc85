"""Inception-v3 against torchvision's: numbers of weights, names, sizes, and features that torchvision 0.28 gave."""

import pytest
import torch
from sarbridge.models.translation.inception import FEATURES, SIDE, InceptionV3
from sarbridge.tests.inception_weights import random_weights


def network():
    with torch.device("meta"):
        return InceptionV3()


def weights_of(module):
    return sum(weights.numel() for weights in module.parameters())


def test_it_has_the_weights_of_torchvisions_network():
    classifier, auxiliary = FEATURES * 1000 + 1000, 3_326_696
    assert weights_of(network()) == 21_785_568
    assert weights_of(network()) + classifier == 23_834_568
    assert weights_of(network()) + classifier + auxiliary == 27_161_264


@pytest.mark.parametrize(
    ("module", "weights"),
    [
        ("Conv2d_4a_3x3", 138_624),
        ("Mixed_5b", 255_904),
        ("Mixed_6a", 1_153_280),
        ("Mixed_6b", 1_297_408),
        ("Mixed_6e", 2_141_952),
        ("Mixed_7a", 1_698_304),
        ("Mixed_7c", 6_076_800),
    ],
)
def test_modules_have_theirs(module, weights):
    assert weights_of(network().get_submodule(module)) == weights


def test_tensors_are_called_as_in_torchvision():
    names = {name for name in network().state_dict() if not name.endswith("num_batches_tracked")}
    assert len(names) == 94 * 5  # layers, each of a convolution and the four of its norm
    assert {
        *("Conv2d_1a_3x3.conv.weight", "Conv2d_1a_3x3.bn.running_mean", "Conv2d_3b_1x1.bn.weight"),
        *("Mixed_5b.branch1x1.conv.weight", "Mixed_5d.branch5x5_2.bn.bias", "Mixed_5c.branch3x3dbl_3.conv.weight"),
        *("Mixed_6a.branch3x3.conv.weight", "Mixed_6b.branch7x7_3.bn.running_var", "Mixed_6e.branch_pool.bn.weight"),
        *("Mixed_6c.branch7x7dbl_5.conv.weight", "Mixed_7a.branch7x7x3_4.conv.weight"),
        *("Mixed_7b.branch3x3_2a.conv.weight", "Mixed_7c.branch3x3dbl_3b.bn.running_mean"),
    } < names


def test_grids_have_the_sizes_of_table_1():
    sizes = {}

    def note(name):
        return lambda module, given, features: sizes.update({name: tuple(features.shape[1:])})

    inception = network().eval()
    for name, module in inception.named_children():
        module.register_forward_hook(note(name))
    features = inception(torch.empty(2, 3, SIDE, SIDE, device="meta"))
    assert features.shape == (2, FEATURES)
    assert sizes["Conv2d_1a_3x3"] == (32, 149, 149) and sizes["Conv2d_4a_3x3"] == (192, 71, 71)
    assert sizes["Mixed_5b"] == (256, 35, 35) and sizes["Mixed_5d"] == (288, 35, 35)
    assert sizes["Mixed_6a"] == sizes["Mixed_6e"] == (768, 17, 17)
    assert sizes["Mixed_7a"] == (1280, 8, 8) and sizes["Mixed_7c"] == (2048, 8, 8)


def test_features_are_those_of_torchvision():
    inception = InceptionV3()
    inception.load_state_dict({**inception.state_dict(), **random_weights()})
    rows, cols = torch.meshgrid(torch.arange(299.0), torch.arange(299.0), indexing="ij")
    colours = torch.stack(
        [0.5 + 0.5 * torch.sin(rows / (7 + band)) * torch.cos(cols / (5 + band)) for band in range(3)]
    )
    with torch.inference_mode():
        features = inception.eval()(2 * colours[None] - 1)[0]
    # inception_v3 with `transform_input`, of the colours normalised by mean and deviation of ImageNet
    assert features.mean().item() == pytest.approx(0.4813, abs=1e-4)
    assert features.std().item() == pytest.approx(0.6804, abs=1e-4)
    chosen = features[[320, 700, 1100, 1500, 1856, 2047]].tolist()
    assert chosen == pytest.approx([0, 0.00323414, 0.33018275, 1.58649445, 1.45750880, 0.17998150], abs=1e-4)
