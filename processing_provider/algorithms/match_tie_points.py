"""`sarbridge:matchtiepoints`: tie points between a SAR and an optical layer, as vector layers and numbers."""

from dataclasses import replace
from typing import Any

from qgis.core import QgsCoordinateTransform, QgsProcessingContext, QgsProcessingFeedback

from ...contract.errors import UserError
from ...contract.matching_jobs import CANDIDATES_BY_GOODNESS, LEARNED_METHODS, MatchTiePointsJob
from ...contract.tie_points import ORIGIN
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.burnt_polygons import burn_area
from ..inputs.datum_operation import warn_of_other_operation
from ..inputs.export import temporary_export
from ..inputs.implausible_layers import check_image
from ..inputs.joined_bands import check_joinable, join_bands
from ..inputs.layer_kinds import Kind
from ..inputs.layers import RasterInput, visible_bands
from ..inputs.matched_images import image_name
from ..outputs import styles
from ..outputs.destinations import HTML, finished_outputs
from ..outputs.number_outputs import existing_numbers
from ..outputs.tie_point_layers import LINE, POINT, points, shift_vectors, tie_point_fields
from ..outputs.vector_output import DRIVERS, check_crs, write_vector
from ..parameters.device import chosen_device
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.extent import extent_as_given
from ..parameters.given import named
from ..parameters.layers import raster_layer
from ..parameters.matching_model import matching_model
from ..parameters.model_parameters import MODEL_FILE
from ..parameters.number import number
from ..parameters.polygon_layers import area_source, around_area
from .match_tie_points_parameters import MatchTiePointsParameters


class MatchTiePoints(MatchTiePointsParameters):
    """Layers → job → engine → tie points, shift vectors and numbers."""

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        sar = raster_layer(self, parameters, self.SAR, context)
        optical = raster_layer(self, parameters, self.OPTICAL, context)
        check_image(sar, Kind.SAR, feedback)
        check_image(optical, Kind.OPTICAL, feedback)
        optical_bands = self.parameterAsInts(parameters, self.OPTICAL_BANDS, context) or visible_bands(optical)
        self._sar = RasterInput(sar, [self.parameterAsInt(parameters, self.SAR_BAND, context) or 1])
        self._optical = RasterInput(optical, optical_bands)
        second = raster_layer(self, parameters, self.SAR_OTHER, context)
        band = self.parameterAsInt(parameters, self.SAR_OTHER_BAND, context) or 1
        self._other_sar = second and RasterInput(second, [band])
        self._area = area_source(self, parameters, context)
        extent = extent_as_given(self, parameters, context, self._sar.crs)
        self._extent = around_area(extent, self._area, self._sar.crs, context)
        visibility = raster_layer(self, parameters, self.VISIBILITY, context)
        self._visibility = visibility and RasterInput(visibility, [1])
        images = {self.SAR: self._sar, self.SAR_OTHER: self._other_sar}
        refuse_same_pixels(self, {**images, self.OPTICAL: self._optical, self.VISIBILITY: self._visibility})
        if second:
            check_image(second, Kind.SAR, feedback)
            check_joinable(self._sar, self._other_sar)
        self._job = self._described_job(parameters, context)
        self._refuse_what_is_not_used(parameters)
        self._sar.reach_as_far_as(self._optical, self._job.pixel_size, self._job.max_shift)

    def _described_job(self, parameters, context):
        """Return the job as far as it is known before layers are exported: good for finding out what is wrong."""

        def text(key):
            return self.parameterAsString(parameters, key, context)

        def whole(key):
            return self.parameterAsInt(parameters, key, context)

        return MatchTiePointsJob(
            sar=self._sar.described,
            optical=self._optical.described,
            model=matching_model(self, parameters, context, text(self.METHOD)),
            method=text(self.METHOD),
            sar_unit=text(self.SAR_UNIT),
            extent=self._extent.corners,
            extent_crs=self._extent.wkt,
            pixel_size=number(self, parameters, self.PIXEL_SIZE, context, empty=0.0),
            max_shift=whole(self.MAX_SHIFT),
            candidates=text(self.CANDIDATES),
            spacing=whole(self.SPACING),
            orn_threshold=number(self, parameters, self.ORN_THRESHOLD, context, empty=-1.0),
            goodness_threshold=number(self, parameters, self.GOODNESS_THRESHOLD, context, empty=-1.0),
            largest_sigma=number(self, parameters, self.MAX_SIGMA, context, empty=-1.0),
            outlier_test=text(self.TRANSFORM),
            keep_rejected=self.parameterAsBool(parameters, self.KEEP_REJECTED, context),
            device=chosen_device(self, parameters, context),
            batch_size=whole(self.BATCH_SIZE),
        )

    def _refuse_what_is_not_used(self, parameters):
        is_learned = self._job.method in LEARNED_METHODS
        by_goodness = self._job.candidates in CANDIDATES_BY_GOODNESS
        uses = {
            self.GOODNESS_THRESHOLD: by_goodness,
            self.ORN_THRESHOLD: is_learned,
            self.MAX_SIGMA: is_learned,
            MODEL_FILE: by_goodness or is_learned,
        }
        for key, is_used in uses.items():
            if key in parameters and not is_used:
                label = named(self.parameterDefinition(key))
                raise UserError(f"{label} is not used by the chosen method and candidates: leave it empty.")

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        layers = dict.fromkeys((self.TIE_POINTS, self.VECTORS), DRIVERS)
        suffixes = {**layers, self.GCP_POINTS: (".points",), self.REPORT: HTML}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            for path in (paths[key] for key in layers if key in paths):
                check_crs(path, self._sar.crs, self._sar.name, self._sar.extent.center())
            result = self._matched(new, context, feedback)
            self._write_layers(result["rows"], new, paths, context)
        return {**existing_numbers(result["numbers"]), **paths}

    def _matched(self, new, context, feedback):
        """Return the engine's result, with rows of the whole layers that remember them."""
        areas = [(layer.extent, layer.crs) for layer in (self._sar, self._optical)]
        with temporary_export(context, feedback, [*areas, *self._extent.areas]) as export:
            result = run_job(self._job_with_pixels(new, export), feedback)
        origin = (image_name(self._sar), image_name(self._optical), self._optical.crs.authid())
        rows = [{**self._in_whole_layers(row), **dict(zip(ORIGIN, origin))} for row in result["rows"]]
        systems = self._optical.crs, self._sar.crs
        warn_of_other_operation(rows, result["pixel_size"], *systems, context.transformContext(), feedback)
        return {**result, "rows": rows}

    def _job_with_pixels(self, new, export):
        """Return the job with layers that the engine can open, and what it writes itself."""
        layers = {"sar": self._sar, "optical": self._optical, "visibility": self._visibility}
        sources = {name: layer and layer.source(export) for name, layer in layers.items()}
        if self._other_sar:
            sources["sar"] = join_bands(sources["sar"], self._other_sar.source(export), export)
        if self._area:
            sources["area"] = burn_area(self._area, sources["sar"], self._sar.crs, export)
        gcp_points, report = new.get(self.GCP_POINTS, ""), new.get(self.REPORT, "")
        return replace(self._job, gcp_points=gcp_points, report=report, **sources)

    def _write_layers(self, rows, new, paths, context):
        transforms, fields = context.transformContext(), tie_point_fields()
        optical_to_sar = QgsCoordinateTransform(self._optical.crs, self._sar.crs, transforms)
        for key, geometry_type, features, style, below in (
            (self.TIE_POINTS, POINT, points(rows), styles.TIE_POINTS, paths.get(self.VECTORS, "")),
            (self.VECTORS, LINE, shift_vectors(rows, optical_to_sar), styles.SHIFT_VECTORS, ""),
        ):
            if key in paths:
                write_vector(new[key], paths[key], fields, geometry_type, self._sar.crs, features, transforms)
                styles.style_file(new[key], paths[key], style, context, below)

    def _in_whole_layers(self, row):
        """Return a row with its pixel positions counted in the layers, not in the part that may have been exported."""
        moved = dict(row)
        for prefix, layer in (("sar", self._sar), ("opt", self._optical)):
            for axis, first in (("col", layer.first_col), ("row", layer.first_row)):
                if row[f"{prefix}_{axis}"] is not None:
                    moved[f"{prefix}_{axis}"] += first
        return moved
