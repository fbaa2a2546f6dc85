"""Weights in a safetensors file, without pickle: checked before they are read, and as they are read."""

from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from ..contract.errors import UserError
from .file_header import AnyPath, file_header
from .tensor_table import TensorEntry, tensor_table

_NO_WEIGHTS = "num_batches_tracked"
"""What batch norms count while they learn: published files have it or not."""


def load_weights(path: AnyPath, network: nn.Module, layout: str) -> None:
    """Give a network, on the CPU, the weights that a file of another program has under its names, and set it to eval.

    Numbers of any floating-point type are taken, tensors of other names left aside. layout: whose names these are, for
    sentences. Raises `UserError` when the file cannot be read, is damaged, lacks a tensor of the network, or has one of
    another shape or one that is not finite.
    """
    try:
        header, start = file_header(path)
        table = tensor_table(header, Path(path).stat().st_size - start)
    except OSError as error:
        raise UserError(f"File of weights '{path}' cannot be opened ({error.strerror}): choose another one.") from error
    except ValueError as error:
        raise UserError(f"'{path}' is no file of weights: {error}. Choose another file.") from error
    weights = network.state_dict()
    expected = {name: tensor for name, tensor in weights.items() if not name.endswith(_NO_WEIGHTS)}
    unusable = [name for name, tensor in expected.items() if name not in table or not fits(table[name], tensor)]
    if unusable:
        lack = "lacks" if unusable[0] not in table else "has a wrong shape or type of"
        raise UserError(
            f"File of weights '{path}' {lack} tensor '{unusable[0]}' ({len(unusable)} such): choose weights in the "
            f"layout of {layout}."
        )
    what = f"File of weights '{path}'"
    tensors = checked_tensors(read_whole(path, what), what)
    network.load_state_dict({**weights, **{name: tensors[name] for name in expected}})
    network.eval()


def fits(entry: TensorEntry, expected: Tensor) -> bool:
    """Return whether an entry of a file's table has the shape and the kind of numbers of a tensor."""
    return entry.shape == tuple(expected.shape) and entry.is_floating_point == expected.is_floating_point()


def read_whole(path: AnyPath, what: str) -> bytes:
    """Return all bytes of a file; raises `UserError`, which begins with `what` it is, when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{what} cannot be read ({error.strerror}): choose another one.") from error


def checked_tensors(data: bytes, what: str) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file by name.

    Raises `UserError`, which begins with `what` the file is, when it is damaged or has weights that are not finite.
    """
    try:
        tensors = load(data)
    except SafetensorError as error:
        raise UserError(f"{what} is damaged ({error}): get it again.") from error
    for name, tensor in tensors.items():
        if not tensor.isfinite().all():
            raise UserError(f"{what} holds weights that are no finite numbers (tensor '{name}'): choose another model.")
    return tensors
