"""Layers of buildings as algorithms take them: footprints or a mask, whichever there is."""

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingParameterMapLayer,
    QgsRasterLayer,
)

from ...contract.buildings_jobs import BuildingSource
from ..algorithm import SarbridgeAlgorithm
from ..inputs.export import Export
from ..inputs.footprint_file import write_scored_footprints
from ..inputs.layers import RasterInput
from .layers import map_layer
from .polygon_layers import check_polygons


def add_buildings(algorithm: SarbridgeAlgorithm, key: str, title: str, help_text: str) -> None:
    """Add a layer of buildings to an algorithm."""
    kinds = [QgsProcessing.SourceType.TypeVectorPolygon, QgsProcessing.SourceType.TypeRaster]
    definition = QgsProcessingParameterMapLayer(key, algorithm.tr(title), None, False, kinds)
    algorithm.add_parameter(definition, help_text)


class BuildingsInput:
    """A layer of buildings as taken on the main thread; `source` then describes it to the engine from any thread.

    `mask` is the `RasterInput` of a raster layer, its first band, None of a vector layer; `crs` is that of the layer.
    Raises `UserError` for features that are no polygons, and for a layer without a CRS.
    """

    def __init__(
        self, algorithm: SarbridgeAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
    ) -> None:
        layer = map_layer(algorithm, parameters, key, context)
        self.crs: QgsCoordinateReferenceSystem = layer.crs()
        self.mask: Optional[RasterInput] = None
        if isinstance(layer, QgsRasterLayer):
            self.mask = RasterInput(layer, [1])
        else:
            self._features = algorithm.parameterAsSource(parameters, key, context)
            check_polygons(self._features, "building footprints")

    def source(self, export: Export, score_field: str = "") -> BuildingSource:
        """Return the layer as the engine opens it, with the scores in a field of it, "" for none."""
        if self.mask:
            return BuildingSource(mask=self.mask.source(export))
        return BuildingSource(footprints=write_scored_footprints(self._features, score_field, export))
