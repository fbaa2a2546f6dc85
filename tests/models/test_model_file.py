"""Model files: what is written is read back, and everything that does not fit is refused with the file's name."""

import hashlib
import json
import resource
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load, save_file
from sarbridge.contract.errors import UserError
from sarbridge.models.card import card_text, read_card
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.models.matching.corr_asl import CorrASL
from sarbridge.models.matching.goodness import GoodnessNet
from sarbridge.models.matching.orn import OutlierReductionNet
from sarbridge.models.model_file import load_model, save_model
from sarbridge.tests.model_cards import card_with

CARD = card_with(
    name="Tiny",
    task="matching",
    networks={
        "match": {"class": "BridgeMatch", "arguments": {"widths": [2, 2, 2, 2], "features": 2}},
        "goodness.sar": {"class": "GoodnessNet", "arguments": {}},
        "orn": {"class": "OutlierReductionNet", "arguments": {}},
    },
    inputs={"sar": {"bands": 1, "unit": "dB", "range": [-30, 0], "polarisations": []}},
    pixel_size_range=(8, 20),
    operating_point={"orn_threshold": 0.5},
)


@pytest.fixture(scope="module")
def networks():
    torch.manual_seed(3)
    networks = {
        "match": BridgeMatch(widths=(2, 2, 2, 2), features=2),
        "goodness.sar": GoodnessNet(),
        "orn": OutlierReductionNet(),
    }
    networks["orn"](torch.randn(4, 1, 65, 65))  # running statistics and counters that differ from the initial ones
    return networks


@pytest.fixture
def model(tmp_path, networks):
    path = tmp_path / "tiny.safetensors"
    save_model(path, CARD, networks)
    return path


def write_with(model, change):
    """Write the file again with the library alone and a right hash, after `change` on its tensors and its card."""
    tensors, card = load(model.read_bytes()), json.loads(card_text(read_card(model)))  # not mapped: it is overwritten
    change(tensors, card)
    save_file(tensors, model)
    card["sha256"] = hash_of_tensor_block(model)
    save_file(tensors, model, metadata={"card": json.dumps(card)})


def hash_of_tensor_block(path):
    data = path.read_bytes()
    return hashlib.sha256(data[8 + int.from_bytes(data[:8], "little") :]).hexdigest()


def refusal(path, task="matching"):
    with pytest.raises(UserError) as error:
        load_model(path, task)
    assert str(path) in str(error.value)
    return str(error.value)


def test_round_trip(model, networks):
    card, loaded = load_model(model, "matching")
    assert card == replace(CARD, sha256=hash_of_tensor_block(model))
    assert list(loaded) == list(networks)
    for prefix, network in networks.items():
        assert type(loaded[prefix]) is type(network)
        assert not loaded[prefix].training
        state = loaded[prefix].state_dict()
        assert state.keys() == network.state_dict().keys()
        for name, tensor in network.state_dict().items():
            assert state[name].dtype == tensor.dtype
            torch.testing.assert_close(state[name], tensor, rtol=2**-11, atol=1e-7)
    assert loaded["orn"].state_dict()["stem.6.num_batches_tracked"] == 1


def test_tensors_are_half_precision_under_their_prefix(model):
    with safe_open(model, "pt") as file:
        names = set(file.keys())
        assert file.get_tensor("goodness.sar.blocks.0.0.weight").dtype == torch.float16
        assert file.get_tensor("orn.stem.6.num_batches_tracked").dtype == torch.int64
    assert {name.split(".")[0] for name in names} == {"match", "goodness", "orn"}


def test_corr_asl_is_known(tmp_path):
    path = tmp_path / "published.safetensors"
    arguments = {"attention": False, "softmax": False}
    card = replace(CARD, networks={"match": {"class": "CorrASL", "arguments": arguments}})
    save_model(path, card, {"match": CorrASL(**arguments)})
    _, loaded = load_model(path, "matching")
    assert loaded["match"].softmax is False


def test_nothing_else_is_left_beside_the_file(model, networks, tmp_path, monkeypatch):
    assert [path.name for path in tmp_path.iterdir()] == [model.name]
    before = model.read_bytes()

    def full_disk(path, data):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", full_disk)
    with pytest.raises(UserError, match=f"{tmp_path}' is full"):
        save_model(model, replace(CARD, name="Other"), networks)
    assert [path.name for path in tmp_path.iterdir()] == [model.name]
    assert model.read_bytes() == before


def test_card_and_networks_must_agree(tmp_path, networks):
    with pytest.raises(ValueError, match="describes the networks"):
        save_model(tmp_path / "a.safetensors", CARD, {"match": networks["match"]})
    with pytest.raises(ValueError, match="describes the networks"):
        save_model(tmp_path / "a.safetensors", CARD, {**networks, "orn": GoodnessNet()})


def test_weights_beyond_half_precision_are_not_written(tmp_path):
    network = OutlierReductionNet()
    network.head[0].bias.data[0] = 1e5
    with pytest.raises(UserError, match="has run away: .*'orn.head.0.bias'.* train with a lower learning rate"):
        save_model(tmp_path / "a.safetensors", replace(CARD, networks={"orn": CARD.networks["orn"]}), {"orn": network})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("position", [-1, -1000])
def test_flipped_byte(model, position):
    data = bytearray(model.read_bytes())
    data[position] ^= 1
    model.write_bytes(data)
    assert "do not match the hash" in refusal(model)


def test_truncated_file(model):
    data = model.read_bytes()
    model.write_bytes(data[:-100])
    assert "is damaged: its tensors take" in refusal(model)
    model.write_bytes(data[:50])
    assert "not a safetensors file" in refusal(model)


def test_not_a_model_file(tmp_path):
    path = tmp_path / "picture.safetensors"
    path.write_bytes(b"GIF89a, not a model at all")
    assert "not a safetensors file" in refusal(path)
    assert "cannot be opened" in refusal(tmp_path / "missing.safetensors")
    save_file({"weight": torch.zeros(3)}, path)
    assert "no model card" in refusal(path)


def test_header_that_does_not_fit_its_tensors(tmp_path):
    """The hash is right, but the header lists none of the bytes after it."""
    path, block = tmp_path / "forged.safetensors", b"\0" * 64
    card = replace(CARD, sha256=hashlib.sha256(block).hexdigest())
    header = json.dumps({"__metadata__": {"card": card_text(card)}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + block)
    assert "is damaged" in refusal(path)


def test_wrong_task(model):
    assert "made for the task 'matching', not 'buildings'" in refusal(model, "buildings")


def test_missing_tensor(model):
    write_with(model, lambda tensors, card: tensors.pop("orn.head.0.bias"))
    assert "lacks tensor 'orn.head.0.bias'" in refusal(model)


def test_tensor_too_many(model):
    write_with(model, lambda tensors, card: tensors.update({"orn.extra": torch.zeros(1)}))
    assert "unknown tensor 'orn.extra'" in refusal(model)


@pytest.mark.parametrize("wrong", [torch.zeros(127).half(), torch.zeros(128, 1).half(), torch.zeros(128, dtype=int)])
def test_wrong_shape_or_type(model, wrong):
    write_with(model, lambda tensors, card: tensors.update({"orn.head.0.bias": wrong}))
    assert "wrong shape or type of tensor 'orn.head.0.bias'" in refusal(model)


def test_unknown_class(model):
    write_with(model, lambda tensors, card: card["networks"]["orn"].update({"class": "FutureNet"}))
    assert "'FutureNet', which this version does not know" in refusal(model)


@pytest.mark.parametrize("arguments", [{"depth": 3}, {"features": -1}, {"widths": "many"}, {"widths": []}])
def test_arguments_that_the_network_cannot_take(model, arguments):
    write_with(model, lambda tensors, card: card["networks"]["match"].update({"arguments": arguments}))
    assert "arguments it cannot take" in refusal(model)


def test_arguments_of_another_size(model):
    write_with(model, lambda tensors, card: card["networks"]["match"]["arguments"].update({"features": 3}))
    assert "wrong shape or type of tensor 'match." in refusal(model)


@pytest.mark.parametrize("value", [torch.nan, torch.inf, -torch.inf])
def test_weights_that_are_no_finite_numbers_are_refused(model, value):
    write_with(model, lambda tensors, card: tensors["orn.head.0.bias"].fill_(value))
    assert "weights that are no finite numbers (tensor 'orn.head.0.bias')" in refusal(model)


def test_wide_networks_are_refused_before_they_are_built(model):
    """They would take gigabytes: sizes are compared with the header's before anything is allocated."""
    wide = {"widths": [16384, 16384, 16384], "features": 16384}
    write_with(model, lambda tensors, card: card["networks"]["match"].update({"arguments": wide}))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "it does not fit the networks on its card" in refusal(model)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # KiB


def test_sparse_files_are_refused_before_they_are_read(model):
    with model.open("r+b") as file:
        file.truncate(6 * 2**30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "bytes follow its header" in refusal(model)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def rewritten(model, change):
    """Change the header's entry of one tensor in place of the library, which would not write it so."""
    data = model.read_bytes()
    start = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:start])
    change(header["orn.head.0.bias"])
    text = json.dumps(header).encode()
    model.write_bytes(len(text).to_bytes(8, "little") + text + data[start:])
    return refusal(model)


@pytest.mark.parametrize(
    "entry",
    [
        {"dtype": "F17"},
        {"dtype": 5},
        {"dtype": ["F16"]},
        {"shape": "many"},
        {"shape": [-128]},
        {"shape": [True]},
        {"shape": [2**40, 2**40]},
        {"data_offsets": [0, 256]},
        {"data_offsets": [0]},
        {"data_offsets": [1e9, 2]},
        {"extra": 1},
    ],
)
def test_headers_that_lie_about_a_tensor(model, entry):
    assert "is damaged" in rewritten(model, lambda values: values.update(entry))
