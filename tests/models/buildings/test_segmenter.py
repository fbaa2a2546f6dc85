"""The base of networks that find buildings: activations, what fits, and what a student takes over."""

import pytest
import torch
from sarbridge.models.buildings.segmenter import Segmenter
from torch import nn
from torch.nn import functional as F


class Encoder(nn.Module):
    def __init__(self, bands):
        super().__init__()
        self.layers = nn.ModuleList(
            nn.Conv2d(before, after, 3, 2, 1) for before, after in ((bands, 2), (2, 3), (3, 4), (4, 5))
        )

    def forward(self, planes):
        maps = []
        for layer in self.layers:
            planes = layer(planes)
            maps.append(planes)
        return maps


class Decoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv2d(5, 5, 1) for _ in range(3))
        self.norm = nn.BatchNorm2d(5)
        self.head = nn.Conv2d(5, 1, 1)

    def forward(self, maps):
        x = self.norm(maps[-1])
        decoded = []
        for layer in self.layers:
            x = layer(x)
            decoded.append(x)
        return decoded, F.interpolate(self.head(x), scale_factor=16)


def tiny(bands=2, seed=0):
    torch.manual_seed(seed)
    return Segmenter(Encoder(bands), Decoder(), bands, stride=16)


def test_stages_lie_over_encoder_and_decoder():
    activations = tiny().activations(torch.randn(1, 2, 32, 48))
    assert [tuple(stage.shape[1:]) for stage in activations.stages] == [
        *((2, 16, 24), (4, 4, 6), (5, 2, 3)),
        *((5, 2, 3), (5, 2, 3), (5, 2, 3)),
    ]
    assert activations.encoded is activations.stages[2]
    assert activations.logits.shape == (1, 1, 32, 48)
    assert activations.chosen("mid") == (activations.encoded,)
    assert activations.chosen("fin") == (activations.logits,)
    assert activations.chosen("int") == activations.stages


def test_logits_are_the_last_activation():
    network, planes = tiny().eval(), torch.randn(1, 2, 16, 16)
    assert torch.equal(network(planes), network.activations(planes).logits)


def test_a_seed_is_a_network():
    state, again, other = (tiny(seed=seed).state_dict() for seed in (3, 3, 4))
    assert all(torch.equal(state[name], again[name]) for name in state)
    assert not torch.equal(state["encoder.layers.1.weight"], other["encoder.layers.1.weight"])


@pytest.mark.parametrize(
    ("shape", "sentence"),
    [
        ((1, 3, 16, 16), "Segmenter was made for 2 bands; the images have 3."),
        ((1, 2, 16, 24), "Segmenter needs sides that are multiples of 16; 16 x 24 are not."),
    ],
)
def test_images_that_do_not_fit_are_refused(shape, sentence):
    with pytest.raises(ValueError) as refused:
        tiny()(torch.zeros(shape))
    assert str(refused.value) == sentence


def test_a_student_takes_over_all_but_the_input_layer():
    teacher, student = tiny(bands=3, seed=1), tiny(bands=2, seed=2)
    with torch.no_grad():
        teacher.decoder.norm.running_mean.fill_(7)
    before = {name: tensor.clone() for name, tensor in student.state_dict().items()}
    student.start_from(teacher)
    taken_over = teacher.state_dict()
    for name, tensor in student.state_dict().items():
        source = before if name.startswith("encoder.layers.0.") else taken_over
        assert torch.equal(tensor, source[name]), name
    assert student.input_layer is student.encoder.layers[0]
