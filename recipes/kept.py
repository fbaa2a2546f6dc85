"""What takes long to make, such as simulated places: it is made once, and then kept in a file."""

from collections.abc import Mapping
from pathlib import Path
from typing import Callable, NamedTuple

from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from ..contract.finished_file import finished_file


class Kept(NamedTuple):
    """What a file keeps: tensors by name, and facts."""

    tensors: Mapping[str, Tensor]
    facts: Mapping[str, str] = {}


def kept(path: Path, make: Callable[[], Kept]) -> Kept:
    """Return what the file `path` keeps, which is made where there is none; so is its folder."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        tensors, facts = make()
        with finished_file(path) as temporary:
            save_file({name: each.contiguous() for name, each in tensors.items()}, temporary, metadata=facts or None)
    with safe_open(path, "pt") as file:
        return Kept(load_file(path), file.metadata() or {})
