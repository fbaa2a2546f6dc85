"""Patches as QGIS features: the index of a data set → outlines."""

import csv
from collections.abc import Iterator
from pathlib import Path

from qgis.core import QgsFields, QgsGeometry

from .layer_fields import layer_fields

_FIELDS = {
    **dict.fromkeys(("name", "sar", "optical", "dem"), str),
    **dict.fromkeys(("col", "row"), int),
    **dict.fromkeys(("place_split", "random_split"), str),
}


def patch_fields() -> QgsFields:
    """Return the fields of a layer of patches."""
    return layer_fields(_FIELDS)


def patches(index: Path) -> Iterator[tuple[list, QgsGeometry]]:
    """Yield (attributes, outline) of each patch in the engine's index."""
    with index.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield [kind(row[name]) for name, kind in _FIELDS.items()], QgsGeometry.fromWkt(row["outline"])
