"""`sarbridge:evaluatematching`: how far tie points are off from what is true, as table, report and numbers."""

from dataclasses import replace
from typing import Any

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...contract.errors import UserError
from ...contract.match_evaluation_jobs import EvaluateMatchingJob
from ...contract.matching_jobs import LEARNED_METHODS, MatchTiePointsJob
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..inputs.implausible_layers import check_image
from ..inputs.judged_points import point_source
from ..inputs.layer_kinds import Kind
from ..inputs.layers import RasterInput, visible_bands
from ..inputs.matched_images import remembered_optical_crs
from ..outputs.destinations import HTML, finished_outputs
from ..outputs.number_outputs import existing_numbers
from ..outputs.table_file import TABLE_FORMATS, write_table
from ..parameters.affine_transform import transform_of
from ..parameters.device import chosen_device
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.given import named
from ..parameters.layers import feature_source, raster_layer
from ..parameters.matching_model import matching_model
from ..parameters.model_parameters import MODEL_FILE
from ..parameters.number import number
from .evaluate_matching_parameters import EvaluateMatchingParameters


class EvaluateMatching(EvaluateMatchingParameters):
    """Points, or two layers and a method, and what is true → job → engine → table, report and numbers."""

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._layers = self._read_layers(parameters, context, feedback)
        points = self._read_points(parameters, self.POINTS, context, feedback)
        self._job = EvaluateMatchingJob(
            points=points,
            matching=self._matching(parameters, context) if self._layers else None,
            transform=transform_of(self, parameters, self.TRUE_TRANSFORM, context),
            checks=self._read_points(parameters, self.CHECK_POINTS, context, feedback),
            reach=number(self, parameters, self.CHECK_DISTANCE, context),
        )
        method = self.parameterAsString(parameters, self.METHOD, context)
        if MODEL_FILE in parameters and (points or method not in LEARNED_METHODS):
            label = named(self.parameterDefinition(MODEL_FILE))
            unasked = "tie points, which are matched already" if points else "the chosen method"
            raise UserError(f"{label} is not used by {unasked}: leave it empty.")

    def _read_layers(self, parameters, context, feedback):
        """Return the layers to match by the fields of the job, none where none is given."""
        sar, optical = (raster_layer(self, parameters, key, context) for key in (self.SAR, self.OPTICAL))
        if not sar and not optical:
            return {}
        if not sar or not optical:
            missing = named(self.parameterDefinition(self.OPTICAL if sar else self.SAR))
            raise UserError(f"{missing} is needed beside the other one: give both layers, or tie points alone.")
        check_image(sar, Kind.SAR, feedback)
        check_image(optical, Kind.OPTICAL, feedback)
        bands = self.parameterAsInts(parameters, self.OPTICAL_BANDS, context) or visible_bands(optical)
        layers = {
            "sar": RasterInput(sar, [self.parameterAsInt(parameters, self.SAR_BAND, context) or 1]),
            "optical": RasterInput(optical, bands),
        }
        refuse_same_pixels(self, {self.SAR: layers["sar"], self.OPTICAL: layers["optical"]})
        return layers

    def _matching(self, parameters, context):
        method = self.parameterAsString(parameters, self.METHOD, context)
        matching = MatchTiePointsJob(
            **{name: layer.described for name, layer in self._layers.items()},
            model=matching_model(self, parameters, context, method),
            method=method,
            sar_unit=self.parameterAsString(parameters, self.SAR_UNIT, context),
            pixel_size=number(self, parameters, self.PIXEL_SIZE, context, empty=0.0),
            max_shift=self.parameterAsInt(parameters, self.MAX_SHIFT, context),
            spacing=self.parameterAsInt(parameters, self.SPACING, context),
            device=chosen_device(self, parameters, context),
        )
        self._layers["sar"].reach_as_far_as(self._layers["optical"], matching.pixel_size, matching.max_shift)
        return matching

    def _read_points(self, parameters, key, context, feedback):
        """Return the points of a layer, None where it is left out, and keep the CRS of those that are judged."""
        source = feature_source(self, parameters, key, context)
        if source is None:
            return None
        named_crs = self.parameterAsCrs(parameters, self.OPTICAL_CRS, context)
        asked_or_remembered = named_crs, remembered_optical_crs(source)
        optical_crs = next((crs for crs in asked_or_remembered if crs.isValid()), source.sourceCrs())
        if key == self.POINTS:
            self._points_crs = source.sourceCrs()
        pixel_size = number(self, parameters, self.PIXEL_SIZE, context, empty=0.0)
        return point_source(source, optical_crs, pixel_size, context, feedback)

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        suffixes = {self.TABLE: TABLE_FORMATS, self.REPORT: HTML}
        crs = self._layers["sar"].crs if self._layers else self._points_crs
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            areas = [(layer.extent, layer.crs) for layer in self._layers.values()]
            with temporary_export(context, feedback, areas) as export:
                sources = {name: layer.source(export) for name, layer in self._layers.items()}
                job = replace(
                    self._job,
                    matching=self._job.matching and replace(self._job.matching, **sources),
                    table=export.new_file(".csv") if self.TABLE in new else "",
                    report=new.get(self.REPORT, ""),
                )
                numbers = run_job(job, feedback)["numbers"]
                if job.table:
                    write_table(job.table, new[self.TABLE], paths[self.TABLE], crs, feedback)
        return {**existing_numbers(numbers), **paths}
