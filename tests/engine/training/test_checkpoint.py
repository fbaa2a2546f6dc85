"""Checkpoints: what was saved comes back, and an optimiser goes on as if nothing had happened."""

import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.engine.training.checkpoint import load_checkpoint, optimiser_tensors, restore_optimiser, save_checkpoint


def test_parts_and_facts_come_back(tmp_path):
    shared = torch.arange(6.0).reshape(2, 3)
    parts = {"network a": {"weight": shared.T, "n": torch.tensor(3)}, "network b.c": {"weight": shared}, "empty": {}}
    save_checkpoint(tmp_path / "new" / "c.safetensors", parts, {"step": 7, "score": None})
    back, facts = load_checkpoint(tmp_path / "new" / "c.safetensors")
    assert facts == {"step": 7, "score": None} and set(back) == {"network a", "network b.c"}
    assert torch.equal(back["network a"]["weight"], shared.T) and back["network a"]["n"] == 3
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["c.safetensors"]


@pytest.mark.parametrize("make", [torch.optim.AdamW, torch.optim.RMSprop, torch.optim.Adagrad])
def test_an_optimiser_goes_on(make, tmp_path):
    def step(net, optimiser, scale):
        optimiser.zero_grad()
        (net.weight * scale).square().sum().backward()
        optimiser.step()

    net = torch.nn.Linear(3, 2)
    optimiser = make(net.parameters(), lr=0.1)
    for scale in (1.0, 5.0, 0.1):
        step(net, optimiser, scale)
    other = torch.nn.Linear(3, 2)
    other.load_state_dict(net.state_dict())
    resumed = make(other.parameters(), lr=0.1)
    save_checkpoint(tmp_path / "c.safetensors", {"optimiser": optimiser_tensors(optimiser)}, {})
    restore_optimiser(resumed, load_checkpoint(tmp_path / "c.safetensors")[0]["optimiser"])
    step(net, optimiser, 2.0)
    step(other, resumed, 2.0)
    assert torch.equal(other.weight, net.weight)


def test_what_is_no_checkpoint_is_a_sentence(tmp_path):
    path = tmp_path / "c.safetensors"
    for content in (b"", b"no checkpoint at all", (10).to_bytes(8, "little") + b"{}        "):
        path.write_bytes(content)
        with pytest.raises(UserError, match="is no checkpoint of a training"):
            load_checkpoint(path)


def test_what_cannot_be_read_is_a_sentence(tmp_path):
    for path in (tmp_path, tmp_path / "missing.safetensors"):
        with pytest.raises(UserError, match="is no checkpoint of a training"):
            load_checkpoint(path)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(UserError, match="folder '.*file/work' does not exist: choose another output folder"):
        save_checkpoint(tmp_path / "file" / "work" / "c.safetensors", {}, {})


def test_a_full_disk_is_a_sentence(small_disk):
    with pytest.raises(UserError, match="is full: free some space"):
        save_checkpoint(small_disk / "c.safetensors", {"network": {"weight": torch.zeros(1_000_000)}}, {})
    assert list(small_disk.iterdir()) == []
