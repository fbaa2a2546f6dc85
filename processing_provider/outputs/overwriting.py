"""No output takes the place of what the run reads, or of what an input is made of."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...contract.companions import companions
from ...contract.errors import UserError
from ..inputs.files import files_behind, is_same_file
from ..inputs.layer_sources import LayerSource


def refuse_to_overwrite(outputs: Mapping[str, Path], sources: Iterable[LayerSource]) -> None:
    """Raise `UserError` where an output, {what it is called: path}, or its companion, is a file behind a source."""
    replaced = [(called, file) for called, path in outputs.items() for file in (path, *companions(path))]
    replaced = [(called, file) for called, file in replaced if os.path.lexists(file)]
    for source in sources if replaced else ():
        for read in files_behind(source.text):
            for called, file in replaced:
                if is_same_file(file, read):
                    raise UserError(
                        f"{called}: writing this output would replace the file '{file}', from which {source.called} is"
                        " read: choose another output file."
                    )
