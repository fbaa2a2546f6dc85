"""`sarbridge:matchtiepoints`: tie points between a SAR and an optical layer, as vector layers and numbers."""

import tempfile
from dataclasses import replace
from pathlib import Path

from qgis.core import QgsCoordinateTransform, QgsProcessingUtils

from ...contract.finished_file import finished_files
from ...contract.matching_jobs import MatchTiePointsJob
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.layers import RasterInput, corners, raster_layer, visible_bands, wkt
from ..outputs import styles
from ..outputs.destinations import HTML, destination
from ..outputs.tie_point_layers import LINE, POINT, points, shift_vectors, tie_point_fields
from ..outputs.vector_output import DRIVERS, check_crs, write_vector
from .match_tie_points_parameters import MatchTiePointsParameters, model_files


class MatchTiePoints(MatchTiePointsParameters):
    """Layers → job → engine → tie points, shift vectors and numbers."""

    @one_sentence
    def prepareAlgorithm(self, parameters, context, feedback):
        sar = raster_layer(self, parameters, self.SAR, context)
        optical = raster_layer(self, parameters, self.OPTICAL, context)
        optical_bands = self.parameterAsInts(parameters, self.OPTICAL_BANDS, context) or visible_bands(optical)
        self._sar = RasterInput(sar, [self.parameterAsInt(parameters, self.SAR_BAND, context) or 1])
        self._optical = RasterInput(optical, optical_bands)
        extent = self.parameterAsExtent(parameters, self.EXTENT, context)
        extent_crs = self.parameterAsExtentCrs(parameters, self.EXTENT, context)
        self._extent = None if extent.isNull() else (extent, extent_crs if extent_crs.isValid() else self._sar.crs)
        visibility = raster_layer(self, parameters, self.VISIBILITY, context)
        self._visibility = visibility and RasterInput(visibility, [1])
        self._job = self._make_job(parameters, context)
        self._sar.reach_as_far_as(self._optical, self._job.pixel_size)
        return True

    def _make_job(self, parameters, context):
        def text(key):
            return self.parameterAsString(parameters, key, context)

        def whole(key):
            return self.parameterAsInt(parameters, key, context)

        def number(key, empty):
            return empty if parameters.get(key) in (None, "") else self.parameterAsDouble(parameters, key, context)

        model_file = self.parameterAsFile(parameters, self.MODEL_FILE, context)
        return MatchTiePointsJob(
            sar=self._sar.described,
            optical=self._optical.described,
            model=model_file or model_files().get(text(self.MODEL), ""),
            method=text(self.METHOD),
            sar_unit=text(self.SAR_UNIT),
            extent=corners(self._extent[0]) if self._extent else (),
            extent_crs=wkt(self._extent[1]) if self._extent else "",
            pixel_size=number(self.PIXEL_SIZE, 0.0),
            max_shift=whole(self.MAX_SHIFT),
            candidates=text(self.CANDIDATES),
            spacing=whole(self.SPACING),
            orn_threshold=number(self.ORN_THRESHOLD, -1.0),
            goodness_threshold=number(self.GOODNESS_THRESHOLD, -1.0),
            outlier_test=text(self.TRANSFORM),
            keep_rejected=self.parameterAsBool(parameters, self.KEEP_REJECTED, context),
            device=self.chosen_device(parameters, context),
            batch_size=whole(self.BATCH_SIZE),
        )

    @one_sentence
    def processAlgorithm(self, parameters, context, feedback):
        paths = self._destinations(parameters, context)
        with finished_files(paths.values()) as temporaries:
            new = dict(zip(paths, map(str, temporaries)))
            result = self._match(new, context, feedback)
            rows = [self._in_whole_layers(row) for row in result["rows"]]
            optical_to_sar = QgsCoordinateTransform(self._optical.crs, self._sar.crs, context.transformContext())
            for key, geometry_type, features, style in (
                (self.TIE_POINTS, POINT, points(rows), styles.TIE_POINTS),
                (self.VECTORS, LINE, shift_vectors(rows, optical_to_sar), styles.SHIFT_VECTORS),
            ):
                if key in paths:
                    kind = tie_point_fields(), geometry_type, self._sar.crs
                    name = Path(paths[key]).stem
                    write_vector(new[key], name, *kind, features, style, context.transformContext())
                    styles.style_when_loaded(paths[key], style, context)
        return {**{key: value for key, value in result["numbers"].items() if value is not None}, **paths}

    def _destinations(self, parameters, context):
        """Return {key: path} of the wanted outputs; raises `UserError` for those that cannot be written."""
        suffixes = {
            self.TIE_POINTS: DRIVERS,
            self.VECTORS: DRIVERS,
            self.GCP_POINTS: (".points",),
            self.REPORT: HTML,
        }
        paths = {key: destination(self, parameters, key, context, allowed) for key, allowed in suffixes.items()}
        for path in paths.values():
            check_crs(path, self._sar.crs, self._sar.name)
        return {key: path for key, path in paths.items() if path}

    def _match(self, outputs, context, feedback):
        """Return the engine's result; it writes what is no layer to `outputs`, paths by key."""
        with tempfile.TemporaryDirectory(prefix="sarbridge_", dir=QgsProcessingUtils.tempFolder()) as folder:
            job = self._job_with_pixels(folder, context, feedback)
            gcp_points, report = outputs.get(self.GCP_POINTS, ""), outputs.get(self.REPORT, "")
            return run_job(replace(job, gcp_points=gcp_points, report=report), feedback)

    def _job_with_pixels(self, folder, context, feedback):
        """Return the job with layers that the engine can open; what is no file is exported into `folder`."""
        areas = [(layer.extent, layer.crs) for layer in (self._sar, self._optical)]
        areas += [self._extent] if self._extent else []
        export = (folder, areas, context.transformContext(), feedback)
        layers = {"sar": self._sar, "optical": self._optical, "visibility": self._visibility}
        return replace(self._job, **{name: layer and layer.source(*export) for name, layer in layers.items()})

    def _in_whole_layers(self, row):
        """Return a row with its pixel positions counted in the layers, not in the part that may have been exported."""
        moved = dict(row)
        for prefix, layer in (("sar", self._sar), ("opt", self._optical)):
            for axis, first in (("col", layer.first_col), ("row", layer.first_row)):
                if row[f"{prefix}_{axis}"] is not None:
                    moved[f"{prefix}_{axis}"] += first
        return moved
