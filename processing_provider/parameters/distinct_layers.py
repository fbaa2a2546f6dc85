"""Layers of one run that must not be the same image twice."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Union

from qgis.core import QgsProcessingAlgorithm

from ...contract.errors import UserError
from ..inputs.layers import RasterInput
from ..inputs.pixel_origins import origins, shared_origin
from .given import named

Layers = Union[RasterInput, Sequence[RasterInput], None]


def refuse_same_pixels(algorithm: QgsProcessingAlgorithm, layers: Mapping[str, Layers]) -> None:
    """Raise `UserError` when two of the layers, by their parameters' keys, show the same band of the same image.

    It may be spelled by another path, linked to, copied or shown by a virtual raster. Other bands of one file are other
    images: a stack may hold SAR and optical bands. None is a layer that was left out; some parameters have several.
    """
    found = [
        (key, layer, origins(layer.text, layer.described.bands))
        for key, value in layers.items()
        for layer in (value if isinstance(value, Sequence) else [value])
        if layer
    ]
    for (one, layer, its), (other, _, others) in combinations(found, 2):
        image, band = shared_origin(its, others)
        if image:
            called = (named(algorithm.parameterDefinition(key)) for key in dict.fromkeys((one, other)))
            shown = "hold the same image twice" if one == other else "are the same image"
            raise UserError(
                f"{' and '.join(called)} {shown}, band {band} of layer '{layer.name}': choose another layer or another"
                " band for one of them."
            )
