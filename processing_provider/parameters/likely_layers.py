"""Which layers of the project a dialog proposes: QGIS alone proposes the first one for every parameter."""

from collections.abc import Mapping

from qgis.core import QgsProcessingAlgorithm, QgsProject

from ..inputs.layer_kinds import IMPOSSIBLE, Kind, likeness


def propose_layers(algorithm: QgsProcessingAlgorithm, wanted: Mapping[str, str]) -> None:
    """Propose a layer of the project for each parameter: a different one for each, the likeliest first.

    wanted: names of `Kind`, by the keys of the parameters. What dialogs show changes, and no default.
    """
    layers = {layer.id(): layer for layer in QgsProject.instance().mapLayers().values() if layer.isValid()}
    ranked = sorted(
        (
            (likeness(layer, Kind[kind]), key, identity)
            for key, kind in wanted.items()
            for identity, layer in layers.items()
        ),
        key=lambda entry: -entry[0],
    )
    proposed = {}
    for points, key, identity in ranked:
        if points > IMPOSSIBLE and key not in proposed and identity not in proposed.values():
            proposed[key] = identity
            algorithm.parameterDefinition(key).setGuiDefaultValueOverride(identity)
