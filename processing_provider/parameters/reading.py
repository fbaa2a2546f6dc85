"""What was given for all parameters of a run → what is used: every value is read by the reader of its kind, or refused.

QGIS itself takes another value in silence for many that it cannot read.
"""

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from qgis.core import (
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)

from ...contract.errors import UserError
from .choice import read_choice
from .extent import read_extent
from .given import Given, evaluated, is_empty, is_optional, missing, named
from .layers import read_bands, read_features, read_field, read_map_layer, read_raster, read_rasters
from .number import read_number
from .simple_values import read_boolean, read_crs, read_destination, read_file, read_folder, read_text

READERS: dict[type, Callable[[Given], Any]] = {
    QgsProcessingParameterBand: read_bands,
    QgsProcessingParameterBoolean: read_boolean,
    QgsProcessingParameterCrs: read_crs,
    QgsProcessingParameterEnum: read_choice,
    QgsProcessingParameterExtent: read_extent,
    QgsProcessingParameterFeatureSource: read_features,
    QgsProcessingParameterField: read_field,
    QgsProcessingParameterFile: read_file,
    QgsProcessingParameterFileDestination: read_destination,
    QgsProcessingParameterFolderDestination: read_folder,
    QgsProcessingParameterMapLayer: read_map_layer,
    QgsProcessingParameterMultipleLayers: read_rasters,
    QgsProcessingParameterNumber: read_number,
    QgsProcessingParameterRasterDestination: read_destination,
    QgsProcessingParameterRasterLayer: read_raster,
    QgsProcessingParameterString: read_text,
    QgsProcessingParameterVectorDestination: read_destination,
}
"""For each kind of parameter that algorithms ask for: given → what is used. They raise `UserError` for what they cannot
read. An algorithm that asks for another kind fails at its first run."""


def read_values(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> dict[str, Any]:
    """Return {key: value as it is used} of all that was given and is not empty.

    Raises `UserError` for the first that cannot be read, for a key that is none, and for what is needed but missing.
    """
    definitions = {each.name(): each for each in algorithm.parameterDefinitions()}
    _check_keys(algorithm, definitions, parameters)
    values = {key: evaluated(each, parameters.get(key), context) for key, each in definitions.items()}
    values = {key: value for key, value in values.items() if not is_empty(value)}
    read = {}
    for key, definition in definitions.items():
        if key in values:
            read[key] = _reader(definition)(Given(algorithm, definition, values[key], values, context))
        elif definition.defaultValue() is None and not is_optional(definition):
            raise missing(definition)
    return read


def _reader(definition: QgsProcessingParameterDefinition) -> Callable[[Given], Any]:
    for kind, reader in READERS.items():
        if definition.type() == kind.typeName():  # its class may be that of a deleted one, where QGIS made it itself
            return reader
    raise TypeError(f"no reader for parameters of the type '{definition.type()}', such as {definition.name()}")


def _check_keys(algorithm, definitions, parameters):
    for key, value in parameters.items():
        if key not in definitions and not is_empty(value):
            near = get_close_matches(key.upper(), definitions, n=1)
            meant = f"perhaps {named(definitions[near[0]])} is meant" if near else f"it has {', '.join(definitions)}"
            raise UserError(f"'{key}' is no parameter of {algorithm.displayName()}: {meant}.")
