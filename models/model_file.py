"""Model files: the networks of a task and their card in one safetensors file, without pickle.

A tensor is named after its network's prefix on the card and its name in the network: `goodness.sar.blocks.0.0.weight`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save
from torch import Tensor, nn

from ..contract.errors import UserError
from ..contract.finished_file import finished_file
from .card import METADATA_KEY, Card, NetworkEntry, card_text, read_header
from .file_header import AnyPath
from .networks import NETWORKS
from .tensor_table import TensorEntry, tensor_table
from .weights_file import checked_tensors, fits, read_whole


def save_model(path: AnyPath, card: Card, networks: Mapping[str, nn.Module]) -> None:
    """Write networks {prefix: module} and their card, with the hash filled in, to `path` (replaced when complete).

    Floating-point tensors become fp16, integers stay. Raises ValueError when the card describes other networks,
    `UserError` when a weight does not fit into fp16 and when the folder cannot be written to.
    """
    classes = {prefix: type(network).__name__ for prefix, network in networks.items()}
    on_card = {prefix: network["class"] for prefix, network in card.networks.items()}
    if classes != on_card:
        raise ValueError(f"The card describes the networks {on_card}, these are {classes}.")
    tensors = {name: _stored(tensor) for name, tensor in _named_tensors(networks).items()}
    if grown := [name for name, tensor in tensors.items() if not tensor.isfinite().all()]:
        raise UserError(
            f"The training of the model '{card.name}' has run away: what it has learnt ('{grown[0]}') is larger than a "
            "model file can hold; train with a lower learning rate."
        )
    card = replace(card, sha256=_sha256_of_tensors(save(tensors)))
    with finished_file(path) as temporary:
        temporary.write_bytes(save(tensors, metadata={METADATA_KEY: card_text(card)}))


def load_model(path: AnyPath, task: str) -> tuple[Card, dict[str, nn.Module]]:
    """Return the card and the networks {prefix: module} (fp32, eval mode, on the CPU) of a model file.

    Raises `UserError` when the file cannot be read, was made for another task, is damaged (sizes, hash), names a
    network that is not known, or holds other tensors than its networks have, or weights that are not finite. Nothing is
    read or built before the sizes in the header, on the card and of the file agree.
    """
    card, header, start = read_header(path)
    if card.task != task:
        raise UserError(f"Model file '{path}' is made for the task '{card.task}', not '{task}': choose another model.")
    try:
        table = tensor_table(header, Path(path).stat().st_size - start)
    except ValueError as error:
        raise UserError(f"Model file '{path}' is damaged: {error}. Get it again.") from error
    with torch.device("meta"):  # sizes are compared before anything has one
        expected = _named_tensors(_built(path, card))
    _check_names_and_shapes(path, table, expected)
    tensors = _checked_tensors(path, card, start)
    networks = _built(path, card)
    for prefix, network in networks.items():
        network.load_state_dict({name: tensors[f"{prefix}.{name}"] for name in network.state_dict()})
        network.eval()
    return card, networks


def _named_tensors(networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    return {
        f"{prefix}.{name}": tensor
        for prefix, network in networks.items()
        for name, tensor in network.state_dict().items()
    }


def _stored(tensor: Tensor) -> Tensor:
    tensor = tensor.detach().cpu()
    if not tensor.is_floating_point():
        return tensor.clone()
    return tensor.to(torch.float16, copy=True).contiguous()


def _sha256_of_tensors(data: bytes) -> str:
    start = 8 + int.from_bytes(data[:8], "little")
    return hashlib.sha256(data[start:]).hexdigest()


def _checked_tensors(path: AnyPath, card: Card, start: int) -> dict[str, Tensor]:
    what = f"Model file '{path}'"
    data = read_whole(path, what)
    if hashlib.sha256(data[start:]).hexdigest() != card.sha256:
        raise UserError(f"{what} is damaged: its weights do not match the hash on its card. Get it again.")
    return checked_tensors(data, what)


def _built(path: AnyPath, card: Card) -> dict[str, nn.Module]:
    return {prefix: _build(path, prefix, network) for prefix, network in card.networks.items()}


def _build(path: AnyPath, prefix: str, network: NetworkEntry) -> nn.Module:
    name = network["class"]
    if name not in NETWORKS:
        raise UserError(
            f"Model file '{path}' needs the network '{name}', which this version does not know: update the plugin."
        )
    try:
        return NETWORKS[name](**network["arguments"])
    except Exception as error:  # networks do not check what they are made with, and files may say anything
        raise UserError(
            f"Model file '{path}' gives network '{prefix}' arguments it cannot take ({error}): choose another model."
        ) from error


def _check_names_and_shapes(path: AnyPath, tensors: Mapping[str, TensorEntry], expected: Mapping[str, Tensor]) -> None:
    missing = sorted(expected.keys() - tensors.keys())
    unknown = sorted(tensors.keys() - expected.keys())
    unfit = [name for name in sorted(expected.keys() & tensors.keys()) if not fits(tensors[name], expected[name])]
    for what, names in (("lacks", missing), ("has the unknown", unknown), ("has a wrong shape or type of", unfit)):
        if names:
            raise UserError(
                f"Model file '{path}' {what} tensor '{names[0]}' ({len(names)} such): it does not fit the networks on "
                "its card, choose another model."
            )
