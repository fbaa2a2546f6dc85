"""Which polarisation each band of a SAR layer is: as the user says, as the bands are called, or as the layer is."""

import re
from collections.abc import Sequence

from qgis.core import QgsRasterLayer

from ...contract.errors import UserError
from ...contract.simulation_jobs import POLARISATIONS
from .file_stem import file_stem
from .layers import band_count

_NAMED = re.compile(rf"(?<![a-z])({'|'.join(POLARISATIONS)})(?![a-z])", re.IGNORECASE)


def polarised_bands(layer: QgsRasterLayer) -> list[int]:
    """Return the bands of a layer that are called by a polarisation, and the first where none is."""
    return [band for band in range(1, band_count(layer) + 1) if _in(layer.bandName(band))] or [1]


def polarisations_of(layer: QgsRasterLayer, bands: Sequence[int]) -> list[str]:
    """Return what the bands of a layer are called, "" where nothing tells.

    The names of the layer and of its file count where they name one, or as many as the layer has bands.
    """
    told = [next(iter(_in(layer.bandName(band))), "") for band in bands]
    if any(told):
        return told
    for name in (layer.name(), file_stem(layer)):
        named = list(dict.fromkeys(_in(name)))
        if len(named) == 1 and len(bands) == 1:
            return named
        if len(named) == band_count(layer):
            return [named[band - 1] for band in bands]
    return told


def read_polarisations(text: str, count: int, called: str) -> list[str]:
    """Return the polarisations in a text such as "VV, VH"; `called` is what sentences call the parameter.

    Raises `UserError` for words that name none, for one that is named twice, and where they are not `count`.
    """
    named = [each.upper() for each in re.split(r"[\s,;+]+", text.strip()) if each]
    unknown = [each for each in named if each not in POLARISATIONS]
    if unknown or len(set(named)) < len(named):
        raise UserError(
            f"{called} must be different ones of {', '.join(POLARISATIONS)}, separated by commas; got '{text}'."
        )
    if len(named) != count:
        raise UserError(f"{called} must name one for each band, {count} in all; got '{text}'.")
    return named


def _in(name):
    return [each.upper() for each in _NAMED.findall(name)]
