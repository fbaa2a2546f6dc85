"""Networks that find buildings: as large as published, and fit to learn from any bands."""

from copy import deepcopy
from typing import NamedTuple

import pytest
import torch
from sarbridge.models.buildings.mobilenet_v2 import MobileNetV2
from sarbridge.models.buildings.resnet import ResNet50
from sarbridge.models.buildings.segnet import UnpoolingDecoder
from sarbridge.models.buildings.vgg import VGG
from sarbridge.models.buildings.xception import Xception
from sarbridge.models.model_file import load_model, save_model
from sarbridge.models.networks import NETWORKS, network_entries
from sarbridge.tests.model_cards import card_with
from torch import nn

pytestmark = pytest.mark.usefixtures("one_thread")
META = torch.device("meta")
"""Where weights have shapes and no memory: enough to count them."""


class Network(NamedTuple):
    name: str
    arguments: dict
    published: float
    counted: int
    """Weights with three bands, as Keras counts: with the statistics of batch norms."""


PUBLISHED = [
    Network("UNet", {"encoder": "mobilenet_v2"}, 2.25e6, 2_259_225),
    Network("UNet", {"encoder": "vgg19"}, 31.1e6, 31_172_033),
    Network("UNet", {"encoder": "xception"}, 38.4e6, 38_431_449),
    Network("UNet", {"encoder": "efficientnet_b4"}, 19e6, 18_138_819),
    Network("PSPNet", {}, 0.8e6, 818_113),
    Network("SegNet", {"encoder": "vgg16"}, 29.5e6, 29_459_457),
    Network("DeepLabV3Plus", {"encoder": "xception"}, 21.6e6, 21_643_601),
    Network("DeepLabV3Plus", {"encoder": "resnet50"}, 11.8e6, 11_852_353),
]
ALL = [
    *((each.name, each.arguments) for each in PUBLISHED),
    ("SegNet", {"encoder": "vgg19"}),
    ("HFDNet", {}),
]


def named(given):
    return "-".join((given[0], *given[1].values()))


def made(network, bands=3, seed=0):
    name, arguments = network
    torch.manual_seed(seed)
    return NETWORKS[name](**arguments, bands=bands)


@pytest.fixture(scope="module", params=ALL, ids=named)
def given(request):
    return request.param


@pytest.fixture(scope="module")
def network(given):
    """A network for four bands, which tests share: those that change it take a copy."""
    return made(given, bands=4)


def size(network):
    """Count weights as Keras does: of a batch norm, mean and variance too."""
    kept = (buffer for name, buffer in network.named_buffers() if name.endswith(("running_mean", "running_var")))
    return sum(each.numel() for each in (*network.parameters(), *kept))


def likeness(logits, others):
    """Return the cosine between all logits of two networks."""
    return nn.functional.cosine_similarity(logits.flatten(), others.flatten(), dim=0)


@pytest.mark.parametrize("network", PUBLISHED, ids=lambda network: named(network[:2]))
def test_networks_are_as_large_as_published(network):
    with META:
        counted = size(made(network[:2]))
    assert counted == network.counted
    assert counted == pytest.approx(network.published, rel=0.05)


def test_a_mirrored_vgg19_is_larger_than_what_is_published_under_its_name():
    with META:
        assert size(made(("SegNet", {"encoder": "vgg19"}))) == 40_089_089


def test_sizes_of_encoders():
    """Those of Keras without top layers, less what comes after the cut."""
    after_block_13 = 9 * 1024 + 1024 * 1536 + 4 * 1536 + 9 * 1536 + 1536 * 2048 + 4 * 2048
    xception = 20_861_480 - (728 * 1024 + 4 * 1024) - after_block_13
    end_of_stage_4 = 256 * 1024 + 5 * 1024
    stage_5 = sum(
        before * 512 + 9 * 512 * 512 + 512 * 2048 + 5 * (512 + 512 + 2048) for before in (1024, 2048, 2048)
    ) + (1024 * 2048 + 5 * 2048)
    with META:
        assert size(Xception(3, ends_early=False)) == xception
        assert size(Xception(3, ends_early=True)) == xception - (9 * 728 + 728 * 1024 + 4 * 1024)
        assert size(VGG("vgg19", 3, is_normalised=False)) == 20_024_384
        assert size(VGG("vgg16", 3, is_normalised=True)) == 14_714_688 + 4 * 4224
        assert size(MobileNetV2(3)) == 2_257_984 - (320 * 1280 + 4 * 1280)
        assert size(ResNet50(3)) == 23_587_712 - end_of_stage_4 - stage_5


def test_a_student_for_other_bands_differs_in_the_input_layer_only(given):
    """So that it can start from its teacher (`test_segmenter.py`)."""
    with META:
        teacher, student = made(given, bands=3), made(given, bands=4)
    of_teacher, of_student = (
        {name: each.shape for name, each in one.state_dict().items()} for one in (teacher, student)
    )
    assert of_teacher.keys() == of_student.keys()
    [other] = (name for name, shape in of_student.items() if shape != of_teacher[name])
    assert student.get_parameter(other) is student.input_layer.weight
    assert (of_teacher[other][1], of_student[other][1]) == (3, 4)


def test_every_weight_learns(network):
    network = deepcopy(network)
    height, width = network.stride, 3 * network.stride
    planes = torch.randn(2, 4, height, width, requires_grad=True)
    logits = network(planes)
    assert logits.shape == (2, 1, height, width)
    buildings = (torch.rand(logits.shape) > 0.5).float()
    loss = nn.functional.binary_cross_entropy_with_logits(logits, buildings)
    assert loss < 3  # weights are drawn so that the first logits are small
    loss.backward()
    assert (planes.grad.abs().sum((0, 2, 3)) > 0).all()
    weights = dict(network.named_parameters())
    assert not [name for name, each in weights.items() if each.grad is None or not each.grad.isfinite().all()]
    assert not [name for name, each in weights.items() if each.dim() > 1 and not each.grad.any()]


def test_stages_are_six_different_maps(network):
    with torch.no_grad():
        stages, encoded, logits = network.eval().activations(torch.randn(1, 4, 32, 64))
    assert len(stages) == 6 and stages[2] is encoded
    assert all(stage.dim() == 4 and stage.shape[1] > 1 for stage in stages)
    assert len({stage.data_ptr() for stage in stages}) == 6


def test_layout_and_precision_do_not_matter(network):
    """To some hundredths, as SegNet puts a value elsewhere where two of four are the same but for rounding."""
    network, planes = deepcopy(network).train(), torch.randn(2, 4, 32, 64)
    with torch.no_grad():
        network(planes)  # so that norms have seen something
        network.eval()
        expected = network(planes)
        network = network.to(memory_format=torch.channels_last)
        planes = planes.to(memory_format=torch.channels_last)
        otherwise_laid = network(planes)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            coarse = network(planes)
    assert likeness(otherwise_laid, expected) > 0.98
    assert coarse.dtype == torch.float32 and likeness(coarse, expected) > 0.95


def test_a_network_is_the_same_for_the_same_seed(network, given):
    state, again = network.state_dict(), made(given, bands=4).state_dict()
    assert all(torch.equal(state[name], again[name]) for name in state)


@pytest.mark.parametrize("name", ["PSPNet", "HFDNet"])
def test_model_files(name, tmp_path):
    networks = {"buildings": made((name, {}), bands=2).eval()}
    card = card_with(name=name, task="buildings", networks=network_entries(networks, {"buildings": {"bands": 2}}))
    save_model(tmp_path / "model.safetensors", card, networks)
    _, loaded = load_model(tmp_path / "model.safetensors", "buildings")
    planes = torch.randn(1, 2, 64, 64)
    with torch.no_grad():
        logits, again = networks["buildings"](planes), loaded["buildings"](planes)
    assert likeness(again, logits) > 0.99  # weights are kept in fp16


def test_segnet_puts_values_back_where_they_were():
    decoder = UnpoolingDecoder("vgg16")
    finest = torch.zeros(1, 64, 4, 4)
    finest[0, :, 1, 2] = 5
    given = []
    decoder.levels[-1].register_forward_pre_hook(lambda module, inputs: given.append(inputs[0]))
    decoder.levels = decoder.levels[-1:]
    decoder.eval()([finest, torch.tensor([[1.0, 2.0], [3.0, 4.0]]).expand(1, 64, 2, 2)])
    expected = torch.tensor([[1.0, 0, 0, 0], [0, 0, 2, 0], [3, 0, 4, 0], [0, 0, 0, 0]])
    assert torch.equal(given[0], expected.expand(1, 64, 4, 4))
