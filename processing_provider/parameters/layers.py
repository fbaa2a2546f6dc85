"""Layers that an algorithm asks for: the parameters, and what is behind them or wrong with them."""

from typing import Any, Optional

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterBand,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterRasterLayer,
    QgsRasterLayer,
)

from ...contract.errors import UserError
from ..algorithm import SarbridgeAlgorithm
from ..inputs.layers import RasterInput

MOUNTAINS = 2_000.0
"""Metres exported around the wanted area of an elevation layer, where they are more than `layers.MARGIN`: what stands
there may cast its shadow into the area, or be laid over it. A thousand metres of relief reach as far at ordinary
angles."""


def add_raster(
    algorithm: SarbridgeAlgorithm,
    key: str,
    title: str,
    help_text: str,
    optional: bool = False,
    advanced: bool = False,
) -> None:
    """Add a raster layer."""
    definition = QgsProcessingParameterRasterLayer(key, algorithm.tr(title), optional=optional)
    algorithm.add_parameter(definition, help_text, advanced)


def add_band(
    algorithm: SarbridgeAlgorithm,
    key: str,
    title: str,
    help_text: str,
    raster: str,
    several: bool = False,
    advanced: bool = False,
) -> None:
    """Add a band of the parameter `raster`, the first by default, or optionally several."""
    default = None if several else 1
    definition = QgsProcessingParameterBand(key, algorithm.tr(title), default, raster, True, several)
    algorithm.add_parameter(definition, help_text, advanced)


def raster_layer(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
) -> Optional[QgsRasterLayer]:
    """Return the raster layer of parameter `key`, None when it is optional and empty; `UserError` when unreadable."""
    layer = algorithm.parameterAsRasterLayer(parameters, key, context)
    if layer is not None and layer.isValid():
        return layer
    _refuse_unless_left_out(algorithm, parameters, key, "raster", "a raster")
    return None


def elevation_input(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
) -> Optional[RasterInput]:
    """Return the `RasterInput` of an elevation layer, its first band; None when it is optional and empty."""
    layer = raster_layer(algorithm, parameters, key, context)
    return layer and RasterInput(layer, [1], MOUNTAINS)


def feature_source(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
) -> Optional[QgsProcessingFeatureSource]:
    """Return the vector layer of parameter `key`, None when it is optional and empty; `UserError` when unreadable."""
    source = algorithm.parameterAsSource(parameters, key, context)
    if source is None:
        _refuse_unless_left_out(algorithm, parameters, key, "vector", "vector data")
    return source


def _refuse_unless_left_out(algorithm, parameters, key, kind, content):
    value = parameters.get(key)
    if value is None or value == "":
        if algorithm.parameterDefinition(key).flags() & QgsProcessingParameterDefinition.Flag.FlagOptional:
            return
        raise UserError(f"No {kind} layer was chosen for {key}: choose one and run again.")
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source.staticValue()
    shown = value.name() if hasattr(value, "name") else value
    raise UserError(
        f"{key}: '{shown}' cannot be read as {content}: the file is missing, damaged or of a format that GDAL does not"
        " know; check that QGIS shows it as a layer and run again."
    )


def unreadable_layer(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> str:
    """Return the sentence about the first layer that cannot be read, empty when all can."""
    readers = {QgsProcessingParameterRasterLayer: raster_layer, QgsProcessingParameterFeatureSource: feature_source}
    for each in algorithm.parameterDefinitions():
        if type(each) in readers:
            try:
                readers[type(each)](algorithm, parameters, each.name(), context)
            except UserError as error:
                return str(error)
    return ""
