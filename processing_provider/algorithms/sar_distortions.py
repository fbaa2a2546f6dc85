"""`sarbridge:sardistortions`: where a radar image of a terrain is foreshortened, laid over or in shadow."""

from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...contract.geometry_jobs import SarDistortionsJob
from ..algorithm import SAR_GEOMETRY, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.burnt_polygons import burn_area
from ..inputs.export import temporary_export
from ..outputs import styles
from ..outputs.destinations import GEOTIFF, add_raster_output, finished_outputs
from ..outputs.number_outputs import add_numbers
from ..parameters.device import add_device, chosen_device
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.extent import add_extent, extent_in
from ..parameters.layers import add_raster, elevation_input
from ..parameters.number import add_number
from ..parameters.polygon_layers import add_area, area_source, around_area
from ..parameters.sar_view_parameters import INCIDENCE_LAYER, SarViewInput, add_sar_view_parameters

NUMBERS = {
    "FORESHORTENING_SHARE": "Foreshortened (% of the valid cells)",
    "ACTIVE_LAYOVER_SHARE": "Active layover (% of the valid cells)",
    "LAYOVER_SHARE": "Layover, active or passive (% of the valid cells)",
    "ACTIVE_SHADOW_SHARE": "Active shadow (% of the valid cells)",
    "SHADOW_SHARE": "Shadow, active or passive (% of the valid cells)",
    "UNDISTORTED_SHARE": "Undistorted (% of the valid cells)",
    "VALID_CELLS": "Number of cells that are not no data",
}
"""The numbers the algorithm gives besides its rasters."""


class SarDistortions(SarbridgeAlgorithm):
    """Elevation layer and view → job → engine → mask, incidence, layover count and numbers."""

    TITLE = "SAR distortion zones"
    GROUP = SAR_GEOMETRY
    SUMMARY = (
        "Maps where a radar image of the area is distorted, from a surface model and the way the radar looks: slopes"
        " that are foreshortened, layover (active: the slope itself folds over; passive: ground on which it falls) and"
        " shadow (active: the slope itself turns away; passive: ground in the shadow of another). A cell can be several"
        " of these: the values of the mask are sums of 1 foreshortening, 2 active layover, 4 passive layover, 8 active"
        " shadow, 16 passive shadow; 0 is undistorted, 128 no data."
    )
    TAGS = (
        *("foreshortening", "layover", "shadow", "incidence", "look angle", "dem", "dsm", "terrain", "relief", "mask"),
        *("geometry", "visibility", "sentinel", "sentinel-1", "mountains"),
    )
    LIKELY = {"DEM": "HEIGHTS"}

    DEM, FORESHORTENING = "DEM", "FORESHORTENING"
    OUTPUT, INCIDENCE, LAYOVER_COUNT = "OUTPUT", "INCIDENCE", "LAYOVER_COUNT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_raster(
            self,
            self.DEM,
            "Elevation layer (DEM or DSM)",
            "Heights in metres: of the terrain for images of landscapes, of roofs and trees (DSM) for images of cities."
            " Any coordinate reference system, any cell size.",
        )
        add_sar_view_parameters(self)
        add_extent(
            self,
            "The part to map; mountains around it still cast their shadow into it. Empty: the whole elevation layer.",
        )
        add_area(self, "Polygons, in any coordinate reference system, outside of which nothing is mapped.")
        add_number(
            self,
            self.FORESHORTENING,
            "Foreshortening that counts (%)",
            "The share of its ground range that a slope facing the sensor must lose to be called foreshortened. At 50 %"
            " two cells of the ground share one cell of the product, so that half of its detail is gone and its"
            " brightness about doubled.",
            SarDistortionsJob.foreshortening,
            (0.0, 99.9),
            advanced=True,
        )
        add_device(self)
        self._add_outputs()

    def _add_outputs(self):
        add_raster_output(self, self.OUTPUT, "Distortion zones", "The mask, on the grid of the elevation layer (.tif).")
        add_raster_output(
            self,
            self.INCIDENCE,
            "Local incidence angle",
            "Angle between the line of sight and the normal of the slope, degrees (.tif): 0 faces the sensor, above 90"
            " turns away from it.",
            optional=True,
        )
        add_raster_output(
            self,
            self.LAYOVER_COUNT,
            "Layover count",
            "How many cells share the slant-range cell of each (.tif): 1 on flat ground, 2 where a slope is compressed"
            " to half its length, more where a mountain is laid over.",
            optional=True,
        )
        add_numbers(self, NUMBERS)

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._dem = elevation_input(self, parameters, self.DEM, context, feedback)
        self._view = SarViewInput(self, parameters, context)
        refuse_same_pixels(self, {self.DEM: self._dem, INCIDENCE_LAYER: self._view.layer})
        self._area = area_source(self, parameters, context)
        extent = extent_in(self, parameters, context, self._dem.crs)
        self._extent = around_area(extent, self._area, self._dem.crs, context)
        self._foreshortening = self.parameterAsDouble(parameters, self.FORESHORTENING, context)
        self._device = chosen_device(self, parameters, context)

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        looks = {
            self.OUTPUT: styles.DISTORTION_ZONES,
            self.INCIDENCE: styles.INCIDENCE,
            self.LAYOVER_COUNT: styles.LAYOVER_COUNT,
        }
        suffixes = dict.fromkeys(looks, GEOTIFF)
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            with temporary_export(context, feedback, self._extent.areas) as export:
                numbers = run_job(self._job(new, export), feedback)["numbers"]
            for key in paths:
                styles.style_file(new[key], paths[key], looks[key], context)
        return {**numbers, **paths}

    def _job(self, new, export):
        dem = self._dem.source(export)
        return SarDistortionsJob(
            dem=dem,
            view=self._view.view(export),
            extent=self._extent.corners,
            area=self._area and burn_area(self._area, dem, self._dem.crs, export),
            foreshortening=self._foreshortening,
            device=self._device,
            output=new[self.OUTPUT],
            incidence=new.get(self.INCIDENCE, ""),
            layover_count=new.get(self.LAYOVER_COUNT, ""),
        )
