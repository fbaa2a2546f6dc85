"""`sarbridge:simulatescene`: what a radar and a camera see of one place, invented or known, as aligned layers."""

import tempfile
from pathlib import Path

from osgeo import gdal
from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingUtils, QgsWkbTypes

from ...contract.errors import UserError
from ...contract.finished_file import finished_files
from ...contract.simulation_jobs import Misplacement, SimulateSceneJob
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.footprint_file import building_fields, buildings, write_footprints
from ..inputs.layers import corners, elevation_input, wkt
from ..outputs import styles
from ..outputs.destinations import GEOTIFF, destination
from ..outputs.vector_output import DRIVERS, check_crs, write_vector
from ..parameters.footprint_layer import footprint_source
from ..parameters.optical_view_parameters import optical_view
from ..parameters.sar_view_parameters import look
from .simulate_scene_parameters import OUTPUTS, SimulateSceneParameters


class SimulateScene(SimulateSceneParameters):
    """Seed or layers, and two views → job → engine → images, truth, buildings and numbers."""

    @one_sentence
    def prepareAlgorithm(self, parameters, context, feedback):
        self._dsm, self._dtm = (elevation_input(self, parameters, key, context) for key in (self.DSM, self.DTM))
        self._footprints = footprint_source(self, parameters, context)
        self._height_field = self.parameterAsString(parameters, self.HEIGHT_FIELD, context)
        if self._footprints and not self._height_field:
            raise UserError(
                f"Layer '{self._footprints.sourceName()}' tells no heights: choose its field with the heights of the"
                f" buildings in metres ({self.HEIGHT_FIELD})."
            )
        self._extent, self._extent_crs = self._where(parameters, context)
        self._views = {"sar": look(self, parameters, context), "optical": optical_view(self, parameters, context)}
        self._device = self.chosen_device(parameters, context)
        self._scene = {
            "seed": self.parameterAsInt(parameters, self.SEED, context),
            "size": self.parameterAsInt(parameters, self.SIZE, context),
            "landscape": self.parameterAsString(parameters, self.LANDSCAPE, context),
            "sar_preset": self.parameterAsString(parameters, self.SAR_PRESET, context),
            "optical_preset": self.parameterAsString(parameters, self.OPTICAL_PRESET, context),
            "polarisations": tuple(self.parameterAsEnumStrings(parameters, self.POLARISATIONS, context)),
            "misplacement": self._misplacement(parameters, context),
        }
        return True

    def _where(self, parameters, context):
        """Return (extent, its CRS): of the elevation layer where there is one."""
        if self._dsm:
            return self.parameterAsExtent(parameters, self.EXTENT, context, self._dsm.crs), self._dsm.crs
        extent = self.parameterAsExtent(parameters, self.EXTENT, context)
        crs = self.parameterAsExtentCrs(parameters, self.EXTENT, context)
        if not extent.isNull() and not crs.isValid():
            raise UserError(
                f"{self.EXTENT} has no coordinate reference system: give it one, such as '0,5120,0,5120 [EPSG:32633]'."
            )
        return extent, crs

    def _misplacement(self, parameters, context):
        keys = (self.SHIFT_RIGHT, self.SHIFT_DOWN, self.ROTATION, self.SCALE, self.WAVES)
        return Misplacement(*(self.parameterAsDouble(parameters, key, context) for key in keys))

    @one_sentence
    def processAlgorithm(self, parameters, context, feedback):
        suffixes = {**dict.fromkeys(OUTPUTS, GEOTIFF), self.FOOTPRINTS_OUT: tuple(DRIVERS)}
        paths = {key: destination(self, parameters, key, context, allowed) for key, allowed in suffixes.items()}
        paths = {key: path for key, path in paths.items() if path}
        with finished_files(paths.values()) as temporaries:
            new = dict(zip(paths, temporaries))
            numbers = self._simulate(new, context, feedback)
            if self.ZONES in new:
                styles.style_raster(new[self.ZONES], paths[self.ZONES], styles.DISTORTION_ZONES, context)
            if self.FOOTPRINTS_OUT in new:
                styles.style_when_loaded(paths[self.FOOTPRINTS_OUT], styles.BUILDINGS, context)
        return {**numbers, **paths}

    def _simulate(self, new, context, feedback):
        """Have the engine write the files `new`, paths by key; return its numbers."""
        part = () if self._extent.isNull() else ((self._extent, self._extent_crs),)
        with tempfile.TemporaryDirectory(prefix="sarbridge_", dir=QgsProcessingUtils.tempFolder()) as folder:
            export = (folder, part, context.transformContext(), feedback)
            outputs = {name: str(new[key]) for key, (_, name, _) in OUTPUTS.items() if key in new}
            if self.FOOTPRINTS_OUT in new:
                outputs["footprints"] = str(Path(folder) / "buildings.jsonl")
            footprints = None
            if self._footprints:
                given = Path(folder) / "footprints.jsonl"
                footprints = write_footprints(self._footprints, self._height_field, given, feedback)
            job = SimulateSceneJob(
                dsm=self._dsm and self._dsm.source(*export),
                dtm=self._dtm and self._dtm.source(*export),
                footprints=footprints,
                extent=corners(self._extent) if part else (),
                extent_crs=wkt(self._extent_crs) if part else "",
                outputs=outputs,
                device=self._device,
                **self._views,
                **self._scene,
            )
            numbers = run_job(job, feedback)["numbers"]
            if "footprints" in outputs:
                self._write_buildings(outputs["footprints"], new, context)
        return numbers

    def _write_buildings(self, written, new, context):
        path, crs = (
            str(new[self.FOOTPRINTS_OUT]),
            QgsCoordinateReferenceSystem.fromWkt(gdal.Open(str(new[self.SAR])).GetProjection()),
        )
        check_crs(path, crs, "Buildings")
        kind, transforms = QgsWkbTypes.Type.Polygon, context.transformContext()
        write_vector(path, "buildings", building_fields(), kind, crs, buildings(written), styles.BUILDINGS, transforms)
