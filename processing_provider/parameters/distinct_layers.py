"""Layers of one run that must not be the same image twice."""

from collections.abc import Mapping
from itertools import combinations
from typing import Optional

from qgis.core import QgsProcessingAlgorithm

from ...contract.errors import UserError
from ..inputs.layers import RasterInput
from ..inputs.pixel_origins import origins, shared_origin


def refuse_same_pixels(algorithm: QgsProcessingAlgorithm, layers: Mapping[str, Optional[RasterInput]]) -> None:
    """Raise `UserError` when two of the layers, by their parameters' keys, show the same band of the same image.

    It may be spelled by another path, linked to, copied or shown by a virtual raster. Other bands of one file are other
    images: a stack may hold SAR and optical bands. None is a layer that was left out.
    """
    found = {key: origins(layer.text, layer.described.bands) for key, layer in layers.items() if layer}
    for one, other in combinations(found, 2):
        image, band = shared_origin(found[one], found[other])
        if image:
            called = (f"{algorithm.parameterDefinition(key).description()} ({key})" for key in (one, other))
            raise UserError(
                f"{' and '.join(called)} are the same image, band {band} of layer '{layers[one].name}': choose another"
                " layer or another band for one of them."
            )
