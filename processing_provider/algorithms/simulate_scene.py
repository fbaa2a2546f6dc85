"""`sarbridge:simulatescene`: what a radar and a camera see of one place, invented or known, as aligned layers."""

from typing import Any

from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingContext, QgsProcessingFeedback, QgsWkbTypes

from ...contract.errors import UserError
from ...contract.simulation_jobs import Misplacement, SimulateSceneJob
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..gdal_results import open_raster
from ..inputs.export import temporary_export
from ..inputs.footprint_file import write_footprints
from ..outputs import styles
from ..outputs.building_layer import building_fields, buildings
from ..outputs.destinations import GEOTIFF, finished_outputs
from ..outputs.vector_output import DRIVERS, check_crs, write_vector
from ..parameters.device import chosen_device
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.extent import extent_as_given, extent_in
from ..parameters.layers import elevation_input
from ..parameters.optical_view_parameters import optical_view
from ..parameters.polygon_layers import HEIGHT_FIELD, footprint_source
from ..parameters.sar_view_parameters import look
from .simulate_scene_parameters import OUTPUTS, SimulateSceneParameters

_STYLES = {
    "SAR": styles.SAR_IMAGE,
    "GROUND_RANGE": styles.SAR_IMAGE,
    "SLC": styles.FIRST_BAND,
    "BUILDINGS": styles.BUILDING_MASK,
    "ZONES": styles.DISTORTION_ZONES,
    "POSITIONS": styles.FIRST_BAND,
    "TRUTH": styles.FIRST_BAND,
}
"""How rasters look, by output. QGIS shows the optical image and heights well by itself."""


class SimulateScene(SimulateSceneParameters):
    """Seed or layers, and two views → job → engine → images, truth, buildings and numbers."""

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._dsm, self._dtm = (
            elevation_input(self, parameters, key, context, feedback) for key in (self.DSM, self.DTM)
        )
        refuse_same_pixels(self, {self.DSM: self._dsm, self.DTM: self._dtm})
        self._footprints = footprint_source(self, parameters, context)
        self._height_field = self.parameterAsString(parameters, HEIGHT_FIELD, context)
        if self._footprints and not self._height_field:
            raise UserError(
                f"Layer '{self._footprints.sourceName()}' tells no heights: choose its field with the heights of the"
                f" buildings in metres ({HEIGHT_FIELD})."
            )
        if self._dsm:
            self._extent = extent_in(self, parameters, context, self._dsm.crs)
        else:
            self._extent = extent_as_given(self, parameters, context)
        misplacement = (self.SHIFT_RIGHT, self.SHIFT_DOWN, self.ROTATION, self.SCALE, self.WAVES)
        self._asked = {
            "sar": look(self, parameters, context),
            "optical": optical_view(self, parameters, context),
            "seed": self.parameterAsInt(parameters, self.SEED, context),
            "size": self.parameterAsInt(parameters, self.SIZE, context),
            "landscape": self.parameterAsString(parameters, self.LANDSCAPE, context),
            "sar_preset": self.parameterAsString(parameters, self.SAR_PRESET, context),
            "optical_preset": self.parameterAsString(parameters, self.OPTICAL_PRESET, context),
            "polarisations": tuple(self.parameterAsEnumStrings(parameters, self.POLARISATIONS, context)),
            "misplacement": Misplacement(*(self.parameterAsDouble(parameters, key, context) for key in misplacement)),
            "device": chosen_device(self, parameters, context),
        }

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        suffixes = {**dict.fromkeys(OUTPUTS, GEOTIFF), self.FOOTPRINTS_OUT: tuple(DRIVERS)}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            with temporary_export(context, feedback, self._extent.areas) as export:
                job = self._job(new, export)
                numbers = run_job(job, feedback)["numbers"]
                if self.FOOTPRINTS_OUT in new:
                    self._write_buildings(job.outputs["footprints"], new, paths, context)
            for key in paths.keys() & _STYLES.keys():
                styles.style_file(new[key], paths[key], _STYLES[key], context)
        return {**numbers, **paths}

    def _job(self, new, export):
        outputs = {name: new[key] for key, (_, name, _) in OUTPUTS.items() if key in new}
        if self.FOOTPRINTS_OUT in new:
            outputs["footprints"] = export.new_file(".jsonl")
        return SimulateSceneJob(
            dsm=self._dsm and self._dsm.source(export),
            dtm=self._dtm and self._dtm.source(export),
            footprints=self._footprints and write_footprints(self._footprints, self._height_field, export),
            extent=self._extent.corners,
            extent_crs=self._extent.wkt,
            outputs=outputs,
            **self._asked,
        )

    def _write_buildings(self, written, new, paths, context):
        crs = QgsCoordinateReferenceSystem.fromWkt(open_raster(new[self.SAR], "SAR image").GetProjection())
        new, path = new[self.FOOTPRINTS_OUT], paths[self.FOOTPRINTS_OUT]
        check_crs(path, crs, "Buildings")
        kind, transforms = QgsWkbTypes.Type.Polygon, context.transformContext()
        write_vector(new, path, building_fields(), kind, crs, buildings(written), transforms)
        styles.style_file(new, path, styles.BUILDINGS, context)
