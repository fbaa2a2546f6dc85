"""What the file of a layer is called, which often tells more than what the layer is called."""

from pathlib import Path

from qgis.core import QgsMapLayer, QgsProviderRegistry, QgsRasterLayer

from ..gdal_results import without_open_options


def file_stem(layer: QgsMapLayer) -> str:
    """Return the name of a layer's file without its suffix, "" where it has none; a | may belong to the name."""
    source = layer.source()
    if isinstance(layer, QgsRasterLayer):
        return Path(without_open_options(source)).stem
    # QGIS adds the layer within the file, a filter and options.
    return Path(QgsProviderRegistry.instance().decodeUri(layer.providerType(), source).get("path") or "").stem
