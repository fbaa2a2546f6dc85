"""Resumable training state in one safetensors file: no pickle is written or read."""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ...contract.finished_file import finished_file


def save_checkpoint(path, step, modules, optimiser):
    """Write `modules` (dict of name -> nn.Module), the optimiser's moments and the step; replaces an old file."""
    tensors = {f"{name}/{key}": value for name, module in modules.items() for key, value in module.state_dict().items()}
    for index, state in optimiser.state_dict()["state"].items():
        tensors |= {f"optimiser/{index}/{key}": torch.as_tensor(value) for key, value in state.items()}
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    tensors = {key: value.detach().clone().contiguous() for key, value in tensors.items()}
    with finished_file(path) as temporary:
        save_file(tensors, temporary, metadata={"step": json.dumps(step)})


def load_checkpoint(path, modules, optimiser=None):
    """Fill `modules` (and the optimiser) from `path`; return the step."""
    with safe_open(path, "pt") as file:
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118, not a dict
        step = json.loads(file.metadata()["step"])
    for name, module in modules.items():
        prefix = f"{name}/"
        module.load_state_dict({key[len(prefix) :]: value for key, value in tensors.items() if key.startswith(prefix)})
    if optimiser is not None:
        state = optimiser.state_dict()
        for key, value in tensors.items():
            if key.startswith("optimiser/"):
                _, index, name = key.split("/")
                state["state"].setdefault(int(index), {})[name] = value
        optimiser.load_state_dict(state)
    return step
