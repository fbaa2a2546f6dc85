"""The model files that algorithms find, and those of the user's own: taken into their folder, and out of it."""

import hashlib
import shutil
from pathlib import Path
from typing import NamedTuple, Optional

from qgis.PyQt.QtCore import QFile

from ..contract.errors import UserError
from ..contract.finished_file import finished_file
from ..contract.installation import SHIPPED_MODELS
from ..models.card import Card, read_card, read_header


class ModelFile(NamedTuple):
    """A file that calls itself a model; `card` is None where it cannot be used, and `problem` says why."""

    path: Path
    is_own: bool
    card: Optional[Card]
    problem: str


def model_files_in(folder: str) -> list[ModelFile]:
    """Return the shipped models, and what lies in the folder of own ones ("": there is none), by file name."""
    shipped = [_model_file(path, False) for path in _candidates(SHIPPED_MODELS)]
    return shipped + ([_model_file(path, True) for path in _candidates(Path(folder))] if folder else [])


def import_model(path: Path, folder: Path) -> Path:
    """Copy a model file into the folder, which is made where it is missing, and return the copy.

    Raises `UserError` where the file is no model or damaged, and where one of that name is there already.
    """
    if not path.is_file():
        raise UserError(f"'{path}' is no file: choose a model file (*.safetensors).")
    card, _, start = read_header(path)
    with path.open("rb") as file:
        file.seek(start)
        found = hashlib.sha256()
        for part in iter(lambda: file.read(1 << 20), b""):
            found.update(part)
    if found.hexdigest() != card.sha256:
        raise UserError(f"'{path}' is damaged: its weights do not match the hash on its card. Get it again.")
    copy = folder / path.with_suffix(".safetensors").name
    if copy.exists():
        raise UserError(f"There is a file '{copy}' already: remove that model first, or rename the new file.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"The folder '{folder}' cannot be made ({error.strerror}): choose another one.") from error
    with finished_file(copy) as temporary:
        shutil.copyfile(path, temporary)
    return copy


def remove_model(path: Path) -> None:
    """Move a model file to the trash; raises `UserError` where that is not possible, and leaves it where it is."""
    if not QFile(str(path)).moveToTrash():
        raise UserError(f"'{path}' cannot be moved to the trash: see to its permissions, or delete it yourself.")


def _candidates(folder):
    return sorted(path for path in folder.glob("*.safetensors") if path.is_file())  # no pipes and the like


def _model_file(path, is_own):
    try:
        return ModelFile(path, is_own, read_card(path), "")
    except UserError as error:
        return ModelFile(path, is_own, None, str(error))
