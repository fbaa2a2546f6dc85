"""What a training keeps on its way: the engine writes it, the plugin removes it when the model has its place."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

CHECKPOINTS = "checkpoints"
"""What engines call, in the result of a training, the files that it would have gone on from: they are not needed any
more when the model has its place, and stay whenever the training is cut off before."""

SUFFIX = ".checkpoint"
"""Of such a file, or of the folder of several; no other suffix is listed as a model."""


def remove_checkpoints(paths: Iterable[str]) -> list[Path]:
    """Remove files that a training went on from, and a folder that was for them alone; return those that stayed."""
    files = [Path(path) for path in paths]
    for file in files:
        with suppress(OSError):  # somebody else has it open
            file.unlink(missing_ok=True)
        if file.parent.suffix == SUFFIX:
            with suppress(OSError):  # something else is in it
                file.parent.rmdir()
    return [file for file in files if file.exists()]
