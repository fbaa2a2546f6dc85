"""The list of tensors in the header of a safetensors file, checked before a tensor is read. Standard library only."""

from math import prod
from typing import Any, NamedTuple

_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}

LARGEST_BLOCK = 2**30
"""Bytes of all tensors of a file, at most."""


class TensorEntry(NamedTuple):
    """What the header says of a tensor."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def is_floating_point(self) -> bool:
        return "F" in self.dtype


def tensor_table(header: Any, block: int) -> dict[str, TensorEntry]:
    """Return {name: `TensorEntry`} of a header whose file has `block` bytes of tensors.

    Raises ValueError where the header or an entry is none, or where tensors do not fill the block one after another.
    """
    if not isinstance(header, dict):
        raise ValueError("its header lists no tensors")
    table, places = {}, []
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        table[name] = _entry(name, entry)
        begin, end = entry["data_offsets"]
        if end - begin != _BYTES[entry["dtype"]] * prod(entry["shape"]):
            raise ValueError(f"tensor '{name}' has another number of bytes than its shape needs")
        places.append((begin, end))
    places.sort()
    ends = [0, *(end for _, end in places)]
    if [begin for begin, _ in places] != ends[:-1] or ends[-1] != block:
        raise ValueError(f"its tensors take {ends[-1]} bytes, one after another, but {block} bytes follow its header")
    if block > LARGEST_BLOCK:
        raise ValueError(f"its tensors take {block} bytes, more than the {LARGEST_BLOCK} that are read")
    return table


def _entry(name: str, entry: Any) -> TensorEntry:
    usable = (
        isinstance(entry, dict)
        and entry.keys() == {"dtype", "shape", "data_offsets"}
        and isinstance(entry["dtype"], str)
        and entry["dtype"] in _BYTES
        and _are_sizes(entry["shape"])
        and _are_sizes(entry["data_offsets"])
        and len(entry["data_offsets"]) == 2
    )
    if not usable:
        raise ValueError(f"the entry of tensor '{name}' in its header is none")
    return TensorEntry(entry["dtype"], tuple(entry["shape"]))


def _are_sizes(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)
