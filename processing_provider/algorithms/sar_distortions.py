"""`sarbridge:sardistortions`: where a radar image of a terrain is foreshortened, laid over or in shadow."""

import tempfile

from qgis.core import (
    QgsProcessingParameterExtent,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingUtils,
)

from ...contract.finished_file import finished_files
from ...contract.geometry_jobs import SarDistortionsJob
from ..algorithm import SAR_GEOMETRY, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.layers import corners, elevation_input
from ..outputs import styles
from ..outputs.destinations import GEOTIFF, destination
from ..parameters.sar_view_parameters import SarViewInput, add_sar_view_parameters

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
    TAGS = ("foreshortening", "layover", "shadow", "incidence", "dem", "dsm", "terrain", "relief", "mask", "geometry")

    DEM, EXTENT, FORESHORTENING = "DEM", "EXTENT", "FORESHORTENING"
    OUTPUT, INCIDENCE, LAYOVER_COUNT = "OUTPUT", "INCIDENCE", "LAYOVER_COUNT"

    def initAlgorithm(self, configuration=None):
        self.add_parameter(
            QgsProcessingParameterRasterLayer(self.DEM, self.tr("Elevation layer (DEM or DSM)")),
            "Heights in metres: of the terrain for images of landscapes, of roofs and trees (DSM) for images of cities."
            " Any coordinate reference system, any cell size.",
        )
        add_sar_view_parameters(self)
        self.add_parameter(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent"), optional=True),
            "The part to map; mountains around it still cast their shadow into it. Empty: the whole elevation layer.",
        )
        percent = QgsProcessingParameterNumber(
            self.FORESHORTENING,
            self.tr("Foreshortening that counts (%)"),
            QgsProcessingParameterNumber.Type.Double,
            SarDistortionsJob.foreshortening,
            False,
            0.0,
            99.9,
        )
        self.add_parameter(
            percent,
            "The share of its ground range that a slope facing the sensor must lose to be called foreshortened. At 50 %"
            " two cells of the ground share one cell of the product, so that half of its detail is gone and its"
            " brightness about doubled.",
            advanced=True,
        )
        self.add_device_parameter()
        for key, title, help_text in (
            (self.OUTPUT, "Distortion zones", "The mask, on the grid of the elevation layer (.tif)."),
            (
                self.INCIDENCE,
                "Local incidence angle",
                "Angle between the line of sight and the normal of the slope, degrees (.tif): 0 faces the sensor,"
                " above 90 turns away from it.",
            ),
            (
                self.LAYOVER_COUNT,
                "Layover count",
                "How many cells share the slant-range cell of each (.tif): 1 on flat ground, 2 where a slope is"
                " compressed to half its length, more where a mountain is laid over.",
            ),
        ):
            self.add_raster_output(key, title, help_text, optional=key != self.OUTPUT)
        self.add_numbers(NUMBERS)

    @one_sentence
    def prepareAlgorithm(self, parameters, context, feedback):
        self._dem = elevation_input(self, parameters, self.DEM, context)
        self._view = SarViewInput(self, parameters, context)
        self._extent = self.parameterAsExtent(parameters, self.EXTENT, context, self._dem.crs)
        self._foreshortening = self.parameterAsDouble(parameters, self.FORESHORTENING, context)
        self._device = self.chosen_device(parameters, context)
        return True

    @one_sentence
    def processAlgorithm(self, parameters, context, feedback):
        keys = (self.OUTPUT, self.INCIDENCE, self.LAYOVER_COUNT)
        paths = {key: destination(self, parameters, key, context, GEOTIFF) for key in keys}
        paths = {key: path for key, path in paths.items() if path}
        with finished_files(paths.values()) as temporaries:
            new = dict(zip(paths, temporaries))
            numbers = self._map(new, context, feedback)
            styles.style_raster(new[self.OUTPUT], paths[self.OUTPUT], styles.DISTORTION_ZONES, context)
        return {**numbers, **paths}

    def _map(self, outputs, context, feedback):
        """Have the engine write `outputs`, paths by key; return its numbers."""
        part = () if self._extent.isNull() else ((self._extent, self._dem.crs),)
        with tempfile.TemporaryDirectory(prefix="sarbridge_", dir=QgsProcessingUtils.tempFolder()) as folder:
            export = (folder, part, context.transformContext(), feedback)
            job = SarDistortionsJob(
                dem=self._dem.source(*export),
                view=self._view.view(*export),
                extent=corners(self._extent) if part else (),
                foreshortening=self._foreshortening,
                device=self._device,
                output=str(outputs[self.OUTPUT]),
                incidence=str(outputs.get(self.INCIDENCE, "")),
                layover_count=str(outputs.get(self.LAYOVER_COUNT, "")),
            )
            return run_job(job, feedback)["numbers"]
