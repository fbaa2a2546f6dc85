"""No output takes the place of what the run reads, or of what an input is made of."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ...contract.companions import companions
from ...contract.errors import UserError
from ..inputs.files import files_behind, is_same_file
from ..inputs.layer_sources import LayerSource


def refuse_to_overwrite(outputs: Mapping[str, Path], sources: Iterable[LayerSource]) -> None:
    """Raise `UserError` where an output, {key: path}, or its companion that goes with it, is a file behind a source."""
    replaced = [(key, file) for key, path in outputs.items() for file in (path, *companions(path))]
    replaced = [(key, file) for key, file in replaced if os.path.lexists(file)]
    for source in sources if replaced else ():
        for read in files_behind(source.text):
            for key, file in replaced:
                if is_same_file(file, read):
                    raise UserError(
                        f"{key}: writing this output would replace the file '{file}', from which {source.called} is"
                        " read: choose another output file."
                    )
