"""How results look: one QML a kind of layer, in `plugin/styles`, put beside the file and applied when QGIS loads it."""

from pathlib import Path

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsProject,
)

from ...contract.installation import PLUGIN_FOLDER
from .geopackage import names_layer
from .style_files import write_style

_FOLDER = PLUGIN_FOLDER / "plugin" / "styles"

TIE_POINTS = _FOLDER / "tie_points.qml"
SHIFT_VECTORS = _FOLDER / "shift_vectors.qml"
DISTORTION_ZONES = _FOLDER / "distortion_zones.qml"
INCIDENCE = _FOLDER / "incidence.qml"
LAYOVER_COUNT = _FOLDER / "layover_count.qml"
JOINT_VISIBILITY = _FOLDER / "joint_visibility.qml"
CELLS = _FOLDER / "cells.qml"
"""The points of the table of cells, which show near by only: they would hide the map that they belong to."""

SAR_IMAGE = _FOLDER / "sar_image.qml"
"""The first polarisation in grey, from -25 to 5 dB: QGIS's own choice is two polarisations in red and green."""

FIRST_BAND = _FOLDER / "first_band.qml"
"""The first band in grey, stretched to what the canvas shows: for bands that make no colours."""

DESPECKLED_IMAGE = _FOLDER / "despeckled_image.qml"
"""The same without the darkest and brightest 2 %: single bright points would turn all else black."""

SPECKLE_RATIO = _FOLDER / "speckle_ratio.qml"
"""The first band in grey, from 0 to 3: where the mean is 1, single-look speckle exceeds that on 5 % of the pixels."""

TRANSLATED_IMAGE = _FOLDER / "translated_image.qml"
"""The colours as they are: QGIS's own choice is a stretch of each, which turns hazy images blue."""

UNCERTAINTY = _FOLDER / "uncertainty.qml"

BUILDINGS = _FOLDER / "buildings.qml"
BUILDING_MASK = _FOLDER / "building_mask.qml"
FOOTPRINTS = _FOLDER / "footprints.qml"
"""Outlines by score, hardly filled: the image that they were found in shows through."""

BUILDING_PROBABILITY = _FOLDER / "building_probability.qml"

PATCHES = _FOLDER / "patches.qml"
"""Outlines by the part that they belong to by place; hardly filled, as patches overlap by halves."""

_waiting = set()


class LayerStyle(QgsProcessingLayerPostProcessorInterface):
    """Applies one QML to one layer, once. QGIS does not own it: it stays in `_waiting` until it was used.

    `below`: the path of the output that shall not be hidden by this layer, "" for none.
    """

    def __init__(self, qml: Path, below: str = ""):
        super().__init__()
        self._qml, self._below = qml, below
        _waiting.add(self)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        layer.loadNamedStyle(str(self._qml))
        layer.triggerRepaint()
        if self._below and context.project():
            _put_below(layer, self._below, context.project())
        _waiting.discard(self)


def style_when_loaded(path: str, qml: Path, context: QgsProcessingContext, below: str = "") -> None:
    """Have the layer of `path` styled if QGIS loads it after the run (Processing ignores the QML beside a file).

    `below`: the path of another output of the run that shall lie above it, "" for none.
    """
    if context.willLoadLayerOnCompletion(path):
        context.layerToLoadOnCompletionDetails(path).setPostProcessor(LayerStyle(qml, below))


def style_file(temporary: str, path: str, qml: Path, context: QgsProcessingContext, below: str = "") -> None:
    """Put a QML beside the file `temporary`, which becomes that of `path`, and have it styled if QGIS loads it.

    A layer that stands beside others in a GeoPackage has no file of its own, as that would be the style of them all.
    `below` as for `style_when_loaded`.
    """
    if not names_layer(path):
        write_style(qml, Path(temporary), Path(path))
    style_when_loaded(path, qml, context, below)


def _put_below(layer: QgsMapLayer, path: str, project: QgsProject) -> None:
    """Move a layer that lies over that of `path` to right under it; QGIS loads layers in the order of their paths."""
    tree = project.layerTreeRoot()
    node = tree.findLayer(layer.id())
    above = next((each for each in tree.findLayers() if each.layer() and each.layer().source() == path), None)
    if node is None or above is None or node.parent() != above.parent():
        return
    siblings = above.parent().children()
    if siblings.index(node) < siblings.index(above):
        above.parent().insertChildNode(siblings.index(above) + 1, node.clone())
        above.parent().removeChildNode(node)
