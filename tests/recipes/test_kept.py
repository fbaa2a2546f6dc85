"""What takes long to make is made once."""

import pytest
import torch
from safetensors import safe_open
from sarbridge.recipes.kept import Kept, kept


def test_what_is_kept_is_not_made_again(tmp_path):
    path = tmp_path / "folder" / "place.safetensors"
    made = Kept({"b": torch.arange(6).reshape(2, 3).T, "a": torch.ones(2).half()}, {"name": "a place"})
    for found in (kept(path, lambda: made), kept(path, None)):
        assert found.facts == {"name": "a place"} and found.tensors.keys() == {"a", "b"}
        assert torch.equal(found.tensors["b"], made.tensors["b"]) and found.tensors["a"].dtype == torch.float16


def test_a_file_without_facts_has_none(tmp_path):
    path = tmp_path / "place.safetensors"
    assert kept(path, lambda: Kept({"a": torch.ones(2)})).facts == {}
    with safe_open(path, "pt") as file:
        assert not file.metadata()


def test_what_cannot_be_made_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError):
        kept(tmp_path / "place.safetensors", lambda: 1 / 0)
    assert not list(tmp_path.iterdir())
