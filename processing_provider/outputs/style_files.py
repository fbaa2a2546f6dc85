"""Style files beside outputs, `sar.qml` of `sar.tif` and of `sar.gpkg`: only those that are ours are ever replaced."""

import hashlib
import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_SIGNATURE = "<!-- written by SARbridge for the file beside it, and replaced with it until it is changed: {} -->\n"
_SIGNED = re.compile(_SIGNATURE.format("([0-9a-f]{64})").encode() + b"$")


def write_style(qml: Path, temporary: Path, path: Path) -> None:
    """Copy a style beside the file `temporary`, which becomes `path`, signed so that it is known again."""
    style = qml.read_bytes()
    signature = _SIGNATURE.format(_digest(style, path.name)).encode()
    temporary.with_suffix(".qml").write_bytes(style + signature)


def leave_styles_of_others(outputs: Iterable[tuple[Path, Path]]) -> None:
    """Remove the style beside each temporary file that would replace one that is not of its own older output.

    outputs: pairs of temporary file and the file that it becomes. Of two with one style file the first has it.
    """
    taken = set()
    for temporary, path in outputs:
        style = path.with_suffix(".qml")
        if style in taken or (os.path.lexists(style) and not _is_ours(style, path.name)):
            temporary.with_suffix(".qml").unlink(missing_ok=True)
        elif temporary.with_suffix(".qml").exists():
            taken.add(style)


def _is_ours(style, name):
    """Return whether a style file was written for the output `name`, and not changed since."""
    with suppress(OSError):
        text = style.read_bytes()
        signed = _SIGNED.search(text)
        return signed is not None and signed[1].decode() == _digest(text[: signed.start()], name)
    return False


def _digest(style, name):
    return hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\0" + style).hexdigest()
