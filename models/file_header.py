"""The header of a safetensors file: 8 bytes of its length, little endian, and JSON. Standard library only."""

import stat
from os import PathLike
from pathlib import Path
from typing import Any, Union

from .plain_json import parse

AnyPath = Union[str, PathLike]

_LARGEST = 1_000_000


def file_header(path: AnyPath) -> tuple[Any, int]:
    """Return what stands in a file's header, whatever JSON it is, and the position of its tensor block in bytes.

    Raises ValueError for a file that is none, and OSError. Nothing but regular files is opened: a pipe would never end.
    """
    if not stat.S_ISREG(Path(path).stat().st_mode):
        raise ValueError("it is no regular file")
    with Path(path).open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        length = int.from_bytes(file.read(8), "little")
        if not 0 < length <= size - 8:
            raise ValueError("it is not a safetensors file")
        if length > _LARGEST:
            raise ValueError(f"its header of {length} bytes is larger than {_LARGEST}")
        try:
            text = file.read(length).decode("utf-8")
        except UnicodeDecodeError as error:
            raise ValueError("its header is no text") from error
    return parse(text), 8 + length
