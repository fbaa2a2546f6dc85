"""Resumable training state in one safetensors file: no pickle is written or read."""

import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from ...contract.errors import UserError
from ...contract.finished_file import finished_file

Parts = Mapping[str, Mapping[str, torch.Tensor]]
"""Tensors by the name of the part that they belong to and their own; parts without tensors are the same as none."""

_BETWEEN = ":"  # part and tensor; no network's parameter has it in its name


def save_checkpoint(path: Path, parts: Parts, facts: dict) -> None:
    """Write parts and facts (JSON-able) to `path`, whose folder is made; an old file stays until all is written.

    Raises `UserError`, naming the folder, when that cannot be made or written to, or is full.
    """
    # Copies: a file holds no tensor twice, and networks may share theirs.
    tensors = {
        f"{part}{_BETWEEN}{name}": tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for part, named in parts.items()
        for name, tensor in named.items()
    }
    with suppress(OSError):  # what is wrong with the folder is said by `finished_file`
        path.parent.mkdir(parents=True, exist_ok=True)
    with finished_file(path) as temporary:
        temporary.write_bytes(save(tensors, {"facts": json.dumps(facts)}))  # its errors carry their cause


def load_checkpoint(path: Path) -> tuple[Parts, dict]:
    """Return the (parts, facts) of `save_checkpoint`; raises `UserError` when there is no such file, or none of its."""
    parts: dict[str, dict[str, torch.Tensor]] = defaultdict(dict)
    with _opened(path) as file:
        for key in file.keys():  # noqa: SIM118, not a dict
            part, _, name = key.rpartition(_BETWEEN)
            # Copied: what is mapped would keep the file from being replaced on Windows.
            parts[part][name] = file.get_tensor(key).clone()
        return parts, _facts(file)


def load_facts(path: Path) -> dict:
    """Return the facts of `save_checkpoint` alone; raises as `load_checkpoint`."""
    with _opened(path) as file:
        return _facts(file)


def _facts(file):
    return json.loads(file.metadata()["facts"])


@contextmanager
def _opened(path):
    try:
        with safe_open(path, "pt") as file:
            yield file
    except (SafetensorError, OSError, KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"'{path}' is no checkpoint of a training, or a damaged one: remove it to begin anew, or name another file."
        ) from error


def checksum(parts: Iterable[bytes]) -> str:
    """Return eight digits that tell whether what is not kept in a checkpoint is still what it was."""
    found = 0
    for part in parts:
        found = zlib.crc32(part, found)
    return f"{found:08x}"


def optimiser_kind(optimiser: torch.optim.Optimizer) -> list[str]:
    """Return the class of an optimiser and which of its options are on: they decide what its state holds."""
    return [type(optimiser).__name__, *sorted(name for name, value in optimiser.defaults.items() if value)]


def optimiser_tensors(optimiser: torch.optim.Optimizer) -> dict[str, torch.Tensor]:
    """Return the state of an optimiser (moments, counts), but not its rates, which are those of the lesson."""
    return {
        f"{index}.{name}": torch.as_tensor(value)
        for index, state in optimiser.state_dict()["state"].items()
        for name, value in state.items()
        if value is not None
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, torch.Tensor]) -> None:
    """Give an optimiser the state that `optimiser_tensors` returned."""
    state: dict[int, dict[str, torch.Tensor]] = defaultdict(dict)
    for key, tensor in tensors.items():
        index, _, name = key.partition(".")
        state[int(index)][name] = tensor
    optimiser.load_state_dict({**optimiser.state_dict(), "state": dict(state)})
