"""Weights of other programs: taken by name, or refused in a sentence."""

import pytest
import torch
from safetensors.torch import save_file
from sarbridge.contract.errors import UserError
from sarbridge.models.weights_file import load_weights
from torch import nn


def network():
    return nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4))


def weights(kind=torch.float32, **others):
    """Tensors that are not those of a new network, without what batch norm counts."""
    names = {name: tensor + 0.5 for name, tensor in network().state_dict().items() if tensor.is_floating_point()}
    return {name: tensor.to(kind) for name, tensor in {**names, **others}.items()}


def loaded(path):
    loading = network()
    load_weights(path, loading, "a toy")
    return loading


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_weights_of_any_precision_are_taken_by_name(kind, tmp_path):
    given = weights(kind)
    save_file({**given, "head.weight": torch.zeros(2)}, tmp_path / "w.safetensors", {"format": "pt"})
    loading = loaded(tmp_path / "w.safetensors")
    taken = loading.state_dict()
    assert all(torch.equal(taken[name], tensor.float()) for name, tensor in given.items())
    assert taken["0.weight"].dtype == torch.float32 and not loading.training


def refused(path):
    with pytest.raises(UserError) as caught:
        loaded(path)
    return str(caught.value)


def test_the_first_tensor_that_does_not_fit_is_named(tmp_path):
    path = tmp_path / "w.safetensors"
    save_file({name: tensor for name, tensor in weights().items() if name.startswith("1")}, path)
    assert f"'{path}' lacks tensor '0.weight' (2 such): choose weights in the layout of a toy." in refused(path)
    save_file(weights() | {"1.bias": torch.zeros(5)}, path)
    assert "has a wrong shape or type of tensor '1.bias' (1 such)" in refused(path)
    save_file(weights() | {"1.bias": torch.zeros(4, dtype=torch.int32)}, path)
    assert "has a wrong shape or type of tensor '1.bias'" in refused(path)


def test_weights_that_are_no_numbers_are_refused(tmp_path):
    save_file(weights() | {"1.bias": torch.full((4,), torch.nan)}, tmp_path / "w.safetensors")
    assert "no finite numbers (tensor '1.bias')" in refused(tmp_path / "w.safetensors")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is not a safetensors file"),
        (b"PK\3\4" + bytes(60), "it is not a safetensors file"),
        (b"\2\0\0\0\0\0\0\0[]", "its header lists no tensors"),
        (b"\2\0\0\0\0\0\0\0{}x", "but 1 bytes follow its header"),
    ],
)
def test_what_is_no_file_of_weights_is_refused(data, said, tmp_path):
    (tmp_path / "w.safetensors").write_bytes(data)
    assert "is no file of weights: " in refused(tmp_path / "w.safetensors")
    assert said in refused(tmp_path / "w.safetensors")


def test_a_file_that_is_gone_is_refused(tmp_path):
    assert "cannot be opened (No such file or directory)" in refused(tmp_path / "w.safetensors")
