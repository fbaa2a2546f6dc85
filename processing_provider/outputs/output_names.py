"""How an output may be called: names that every program in the chain takes, and that leave room for companions."""

import os
import unicodedata
from collections.abc import Collection
from pathlib import Path

from qgis.core import QgsDataSourceUri

from ...contract.companions import LONGEST_ENDING
from ...contract.errors import UserError

_LONGEST = 255
"""Bytes of a file's name on the disks of today, UTF-16 units on Windows."""


def file_and_layer(text: str) -> tuple[str, str]:
    """Return (file, layer) of an output: a path, or `ogr:dbname='x.gpkg' table="y" (geom)`; layer "" where none is."""
    if not text.startswith("ogr:"):
        return text, ""
    uri = QgsDataSourceUri(text[len("ogr:") :])
    return uri.database(), uri.table()


def check_name(called: str, file: str, suffixes: Collection[str]) -> None:
    """Raise `UserError` when the output `called` so cannot have the name `file`, or one without any `suffixes`."""
    shown = ascii(file)[1:-1] if not file.isprintable() else file
    path = Path(file)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in file):
        raise UserError(f"{called}: '{shown}' holds characters that no file name should have: choose another name.")
    if "|" in file or (os.sep == "/" and "\\" in file):
        raise UserError(
            f"{called}: '{shown}' holds a | or \\, behind which QGIS reads something else: choose another name."
        )
    if path.name.lower() in suffixes:
        raise UserError(
            f"{called}: '{shown}' has nothing before its suffix: give it a name, such as 'result{path.name}'."
        )
    if path.suffix.lower() not in suffixes:
        raise UserError(
            f"{called}: '{shown}' has a format that is not supported here: give a file name that ends in"
            f" {' or '.join(suffixes)}."
        )
    too_long = len(os.fsencode(path.name)) + LONGEST_ENDING - _LONGEST
    if too_long > 0:
        raise UserError(f"{called}: the file name '{shown}' is too long by {too_long} bytes: choose a shorter one.")
