"""Layers that an algorithm asks for: the parameters, and what is behind them or wrong with them."""

import stat
from pathlib import Path
from typing import Any, Optional, Union

from qgis.core import (
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingFeedback,
    QgsProcessingParameterBand,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameters,
    QgsRasterLayer,
    QgsVectorLayer,
)

from ...contract.errors import UserError
from ..algorithm import SarbridgeAlgorithm
from ..inputs.implausible_layers import check_heights
from ..inputs.layers import RasterInput, band_count
from .given import Given, is_empty, is_optional, missing, named, several
from .number import finite

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


def add_rasters(
    algorithm: SarbridgeAlgorithm,
    key: str,
    title: str,
    help_text: str,
    optional: bool = False,
    advanced: bool = False,
) -> None:
    """Add any number of raster layers, none by default."""
    rasters = QgsProcessing.SourceType.TypeRaster
    definition = QgsProcessingParameterMultipleLayers(key, algorithm.tr(title), rasters, optional=optional)
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
    _refuse_unless_left_out(algorithm, parameters, key, "a raster")
    return None


def map_layer(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
) -> Union[QgsRasterLayer, QgsVectorLayer]:
    """Return the layer of parameter `key`, a raster or a vector layer; `UserError` when it is unreadable."""
    layer = algorithm.parameterAsLayer(parameters, key, context)
    if isinstance(layer, (QgsRasterLayer, QgsVectorLayer)) and layer.isValid():
        return layer
    raise _unreadable(algorithm.parameterDefinition(key), parameters.get(key), "a raster or vector data")


def raster_layers(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
) -> list[QgsRasterLayer]:
    """Return the raster layers of parameter `key` in their order, none where it is left out; `UserError` for one
    that is unreadable."""
    return [_one_of_several(algorithm, key, value, context) for value in _listed(parameters.get(key))]


def elevation_input(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    key: str,
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
) -> Optional[RasterInput]:
    """Return the `RasterInput` of an elevation layer, its first band; None when it is optional and empty.

    Raises `UserError` for what holds no heights, and warns of what hardly does.
    """
    layer = raster_layer(algorithm, parameters, key, context)
    return None if layer is None else input_of_heights(layer, feedback)


def input_of_heights(layer: QgsRasterLayer, feedback: QgsProcessingFeedback) -> RasterInput:
    """Return the `RasterInput` of a layer of heights, its first band; refuses and warns as `elevation_input`."""
    check_heights(layer, feedback)
    return RasterInput(layer, [1], MOUNTAINS)


def feature_source(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
) -> Optional[QgsProcessingFeatureSource]:
    """Return the vector layer of parameter `key`, None when it is optional and empty; `UserError` when unreadable."""
    source = algorithm.parameterAsSource(parameters, key, context)
    if source is None:
        _refuse_unless_left_out(algorithm, parameters, key, "vector data")
    return source


def read_raster(given: Given) -> Union[str, QgsRasterLayer]:
    """Return a raster layer as it was given, once it is one."""
    _check_layer(given, (QgsRasterLayer,))
    raster_layer(given.algorithm, given.parameters, given.definition.name(), given.context)
    return given.value


def read_map_layer(given: Given) -> Union[str, QgsMapLayer]:
    """Return a layer of any kind as it was given, once it is one."""
    _check_layer(given, (QgsMapLayer,))
    map_layer(given.algorithm, given.parameters, given.definition.name(), given.context)
    return given.value


def read_rasters(given: Given) -> list[Union[str, QgsRasterLayer]]:
    """Return raster layers, each as it was given, once they are such; a text is one of them, no layer is missing."""
    values = _listed(given.value)
    if not values and not is_optional(given.definition):
        raise missing(given.definition)
    for value in values:
        _check_layer(given._replace(value=value), (QgsRasterLayer,), "layers, each by its name, its path or itself")
        _one_of_several(given.algorithm, given.definition.name(), value, given.context)
    return values


def read_features(given: Given) -> Union[str, QgsVectorLayer, QgsProcessingFeatureSourceDefinition]:
    """Return a vector layer as it was given, once it is one."""
    _check_layer(given, (QgsVectorLayer, QgsProcessingFeatureSourceDefinition))
    feature_source(given.algorithm, given.parameters, given.definition.name(), given.context)
    return given.value


def read_bands(given: Given) -> Union[int, list[int]]:
    """Return the number of a band, or a list of different ones where several may be.

    A band of no layer is refused, as it would not be used, but for the one that dialogs fill in.
    """
    definition = given.definition
    raster = _parent(given, raster_layer)
    values = several(given.value, ";,") if definition.allowMultiple() else [given.value]
    bands = [finite(each) for each in values]
    if raster is None:
        if bands != [definition.defaultValue()]:
            raise given.refused("there is no layer to take it from; choose one or leave this empty")
        return definition.defaultValue()
    count = band_count(raster)
    if any(each is None or each not in range(1, count + 1) or bands.count(each) > 1 for each in bands):
        which = "different bands" if definition.allowMultiple() else "a band"
        of_which = f"1 to {count}" if count > 1 else "only 1"
        raise given.must_be(f"{which} of layer '{raster.name()}', which has {of_which}")
    bands = [int(each) for each in bands]
    return bands if definition.allowMultiple() else bands[0]


def read_field(given: Given) -> str:
    """Return the name of a field of a layer as the layer spells it."""
    parent = given.definition.parentLayerParameterName()
    source = given.algorithm.parameterAsSource(given.parameters, parent, given.context)  # of what was read before
    if source is None:
        raise given.refused("there is no layer to take it from that has fields; choose one or leave this empty")
    fields = source.fields()
    place = fields.lookupField(given.value) if isinstance(given.value, str) else -1
    if place < 0:
        names = ", ".join(fields.names())
        raise given.must_be(f"a field of layer '{source.sourceName()}', which has {names or 'none'}")
    return fields.at(place).name()


def _parent(given, layer_of):
    """Return the layer of another parameter that a band is of."""
    return layer_of(given.algorithm, given.parameters, given.definition.parentLayerParameterName(), given.context)


def _listed(value):
    if is_empty(value):
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _one_of_several(algorithm, key, value, context):
    definition = algorithm.parameterDefinition(key)
    layer = QgsProcessingParameters.parameterAsRasterLayer(definition, {key: value}, context)
    if layer is None or not layer.isValid():
        raise _unreadable(definition, value, "a raster")
    return layer


def _check_layer(given, kinds, wanted="one layer, by its name, its path or itself"):
    """QGIS takes the first of a list, and the first of several layers of one name."""
    if not isinstance(given.value, (str, *kinds)):
        raise given.must_be(wanted)
    if isinstance(given.value, str) and _is_irregular(given.value):
        raise given.refused("a pipe or a device is no file, and QGIS would wait for it; save what comes from it first")
    project = given.context.project()
    if not isinstance(given.value, str) or project is None or project.mapLayer(given.value) is not None:
        return
    if len(project.mapLayersByName(given.value)) > 1:
        raise given.refused(f"the project has several layers '{given.value}'; rename the one that is meant")


def _is_irregular(path):
    try:
        mode = Path(path).stat().st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _refuse_unless_left_out(algorithm, parameters, key, content):
    definition, value = algorithm.parameterDefinition(key), parameters.get(key)
    if is_empty(value):
        if is_optional(definition):
            return
        raise missing(definition)
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source.staticValue()
    raise _unreadable(definition, value, content)


def _unreadable(definition, value, content):
    shown = value.name() if hasattr(value, "name") else value
    return UserError(
        f"{named(definition)}: '{shown}' cannot be read as {content}: the file is missing, damaged or of a format that"
        " GDAL does not know; check that QGIS shows it as a layer and run again."
    )
