"""How results look: one QML a kind of layer, in `plugin/styles`, put beside the file and applied when QGIS loads it."""

import shutil
from pathlib import Path

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
)

from ...contract.installation import PLUGIN_FOLDER

TIE_POINTS = PLUGIN_FOLDER / "plugin" / "styles" / "tie_points.qml"
SHIFT_VECTORS = PLUGIN_FOLDER / "plugin" / "styles" / "shift_vectors.qml"
DISTORTION_ZONES = PLUGIN_FOLDER / "plugin" / "styles" / "distortion_zones.qml"
BUILDINGS = PLUGIN_FOLDER / "plugin" / "styles" / "buildings.qml"
JOINT_VISIBILITY = PLUGIN_FOLDER / "plugin" / "styles" / "joint_visibility.qml"

_waiting = set()


class LayerStyle(QgsProcessingLayerPostProcessorInterface):
    """Applies one QML to one layer, once. QGIS does not own it: it stays in `_waiting` until it was used."""

    def __init__(self, qml: Path):
        super().__init__()
        self._qml = qml
        _waiting.add(self)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        layer.loadNamedStyle(str(self._qml))
        layer.triggerRepaint()
        _waiting.discard(self)


def style_when_loaded(path: str, qml: Path, context: QgsProcessingContext) -> None:
    """Have the layer of `path` styled if QGIS loads it after the run (Processing ignores the QML beside a file)."""
    if context.willLoadLayerOnCompletion(path):
        context.layerToLoadOnCompletionDetails(path).setPostProcessor(LayerStyle(qml))


def style_raster(temporary: str, path: str, qml: Path, context: QgsProcessingContext) -> None:
    """Put a QML beside the raster `temporary`, which becomes `path`, and have it styled if QGIS loads it."""
    shutil.copyfile(qml, Path(temporary).with_suffix(".qml"))
    style_when_loaded(path, qml, context)
