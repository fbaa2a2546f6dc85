"""What the parameters of a run name as inputs: the texts behind layers, by what a sentence calls them."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from qgis.core import (
    QgsMapLayer,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingUtils,
    QgsProject,
    QgsProperty,
    QgsVectorLayer,
)


class LayerSource(NamedTuple):
    """`called`: how a sentence calls an input; `text`: where it comes from, a path or whatever QGIS opens."""

    called: str
    text: str


def sources_of_inputs(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], context: QgsProcessingContext
) -> list[LayerSource]:
    """Return the sources of all inputs, whatever their kind: any text may name a file, as an extent may name a layer.

    Layers of the project with edits that are not saved count as well. For the thread that layers belong to.
    """
    found = [
        LayerSource(f"the input '{each.description()}' ({each.name()})", text)
        for each in algorithm.parameterDefinitions()
        if not each.isDestination()
        for text in _texts(parameters.get(each.name()), context)
    ]
    edited = [layer for layer in _project(context).mapLayers().values() if _has_unsaved_edits(layer)]
    found += [
        LayerSource(f"the layer '{layer.name()}', whose edits are not saved,", layer.source()) for layer in edited
    ]
    return list(dict.fromkeys(found))


def _project(context):
    return context.project() or QgsProject.instance()


def _has_unsaved_edits(layer):
    return isinstance(layer, QgsVectorLayer) and layer.isModified()


def _texts(value, context) -> Iterator[str]:
    if isinstance(value, QgsProcessingFeatureSourceDefinition):
        value = value.source
    elif isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink
    if isinstance(value, QgsProperty):
        value = value.valueAsString(context.expressionContext())[0]
    if isinstance(value, QgsMapLayer):
        yield from _behind(value, context)
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part, context)
    elif isinstance(value, str) and value:
        yield value
        layer = QgsProcessingUtils.mapLayerFromString(value, context, allowLoadingNewLayers=False)
        if layer is not None:
            yield from _behind(layer, context)


def _behind(layer, context, above=()):
    """Yield the source of a layer and of those that it shows: a virtual layer's, and those that are joined to it."""
    if layer is None or layer.id() in above:
        return
    yield layer.source()
    others = []
    if layer.providerType() in ("virtual", "virtualraster"):
        text = unquote(layer.source())
        others += [each for each in _project(context).mapLayers().values() if each.id() in text or each.name() in text]
    if isinstance(layer, QgsVectorLayer):
        others += [join.joinLayer() for join in layer.vectorJoins()]
    for other in others:
        yield from _behind(other, context, (*above, layer.id()))
