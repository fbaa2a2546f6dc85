"""`sarbridge:alignimages`: matches a SAR and an optical layer and lays one of them over the other, in one go."""

from dataclasses import replace
from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingMultiStepFeedback,
    QgsProcessingParameterDefinition,
)

from ...contract.coregistration_jobs import MOVES, CoregisterJob
from ...contract.tie_points import SMALLEST_SIGMA
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..inputs.layers import RasterInput, wkt
from ..inputs.matched_images import image_name
from ..outputs.destinations import (
    GEOTIFF,
    HTML,
    add_file_output,
    add_raster_output,
    add_vector_output,
    finished_outputs,
)
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..outputs.vector_output import DRIVERS, check_crs
from ..parameters.choice import add_choice
from ..parameters.copied import copied
from ..parameters.layers import raster_layer
from .coregister import Coregister
from .match_tie_points import MatchTiePoints

NUMBERS = {
    "ACCEPTED_COUNT": ("point_count", "Number of points used"),
    "SHIFT_X": ("middle_x_m", "Movement of the image's middle to the east (m)"),
    "SHIFT_Y": ("middle_y_m", "Movement of the image's middle to the north (m)"),
    "SHIFT_X_PX": ("middle_x_px", "Movement of the image's middle to the right (its pixels)"),
    "SHIFT_Y_PX": ("middle_y_px", "Movement of the image's middle downwards (its pixels)"),
    "ROTATION": ("rotation_deg", "Rotation of the image, anticlockwise (degrees)"),
    "SCALE": ("scale", "Scale of the image"),
    "RMSE": ("rmse_m", "Root mean square error of the fit (m)"),
    "RMSE_PX": ("rmse_px", "Root mean square error of the fit (pixels of the moving image)"),
    "LEAVE_ONE_OUT": ("loo_m", "Leave-one-out error (m)"),
    "LEAVE_ONE_OUT_PX": ("loo_px", "Leave-one-out error (pixels of the moving image)"),
    "ERROR_BOUND": ("bound_m", "What the error stays below all over the image, at 95 % confidence (m)"),
    "ERROR_BOUND_PX": ("bound_px", "The same in pixels of the moving image"),
}
"""The numbers the algorithm gives besides its files, as in `coregister.py`; a polynomial has no rotation and scale, and
a thin plate spline no error bound either."""

_IN_SIGHT = ("SAR", "SAR_BAND", "OPTICAL", "OPTICAL_BANDS", "MOVES", "MAX_SHIFT")
"""The parameters up to those of matching that are not folded away."""


class AlignImages(MatchTiePoints):
    """Layers → tie points → the moving image laid over the other one: two jobs, whose outputs appear together."""

    TITLE = "Align images (SAR – optical)"
    SUMMARY = (
        "Lays the optical image over the SAR image, or the other way round: finds tie points between them and"
        " co-registers with these, in one go. The layers may be off by any shift up to the largest one (MAX_SHIFT), and"
        " turned by up to 10° and off in scale by up to 10 %. The log says what was done and how sure it is. Images"
        " that do not show the same are refused with the reason, and nothing is written. The input files are never"
        " changed."
    )
    TAGS = (*MatchTiePoints.TAGS, *Coregister.TAGS, "match and co-register")

    TRANSFORM = "OUTLIER_TEST"  # of matching, as TRANSFORM is that of the image
    REPORT = "MATCHING_REPORT"
    MOVES, IMAGE_TRANSFORM, TARGET = "MOVES", "TRANSFORM", "TARGET"
    RESAMPLING, COMPRESSION = "RESAMPLING", "COMPRESSION"
    OUTPUT, COREGISTRATION_REPORT = "OUTPUT", "COREGISTRATION_REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_inputs()
        add_choice(self, self.MOVES, "Which image moves", MOVES, "The other one stays where it is.")
        self._add_matching()
        for definition in self.parameterDefinitions():
            if definition.name() not in _IN_SIGHT:
                _fold(definition)
        self._add_coregistration()
        self._add_outputs()

    def _add_coregistration(self):
        """Add parameters of Co-register, with the label, choices and help that they have there."""
        theirs = Coregister()
        theirs.initAlgorithm()
        for key in (self.IMAGE_TRANSFORM, self.TARGET, self.RESAMPLING, self.COMPRESSION):
            definition = copied(theirs.parameterDefinition(key))
            if key == self.IMAGE_TRANSFORM:
                definition.setDefaultValue("auto")
            elif key != self.TARGET:
                _fold(definition)
            self.addParameter(definition)

    def _add_outputs(self):
        add_raster_output(
            self, self.OUTPUT, "Aligned image", "A GeoTIFF (.tif) of the image that moves, all its bands."
        )
        add_vector_output(
            self,
            self.TIE_POINTS,
            "Tie points",
            f"The points in between, as Match tie points writes them ({', '.join(DRIVERS)}).",
            QgsProcessing.SourceType.TypeVectorPoint,
            optional=True,
        )
        self._add_gcp_points()
        for key, title, help_text in (
            (self.REPORT, "Matching report", "The report of Match tie points."),
            (
                self.COREGISTRATION_REPORT,
                "Co-registration report",
                "The report of Co-register: the fit and its errors.",
            ),
        ):
            add_file_output(self, key, title, help_text, "HTML files (*.html)", in_dialogs=True)
        add_numbers(self, {key: description for key, (_, description) in NUMBERS.items()})

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        super().read_parameters(parameters, context, feedback)
        self._job = replace(self._job, refuse_chance=True)
        self._moves = self.parameterAsString(parameters, self.MOVES, context)
        moving = self.SAR if self._moves == "sar" else self.OPTICAL
        self._moving = RasterInput(raster_layer(self, parameters, moving, context))  # all its bands
        target = raster_layer(self, parameters, self.TARGET, context)
        self._target = target and RasterInput(target, [1])
        self._asked = {
            "transform": self.parameterAsString(parameters, self.IMAGE_TRANSFORM, context),
            "resampling": self.parameterAsString(parameters, self.RESAMPLING, context),
            "compression": self.parameterAsString(parameters, self.COMPRESSION, context),
        }

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        suffixes = {
            self.OUTPUT: GEOTIFF,
            self.TIE_POINTS: DRIVERS,
            self.GCP_POINTS: (".points",),
            self.REPORT: HTML,
            self.COREGISTRATION_REPORT: HTML,
        }
        steps = QgsProcessingMultiStepFeedback(2, feedback)
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            if self.TIE_POINTS in paths:
                check_crs(paths[self.TIE_POINTS], self._sar.crs, self._sar.name, self._sar.extent.center())
            result = self._matched(new, context, steps)
            self._write_layers(result["rows"], new, paths, context)
            steps.setCurrentStep(1)
            with temporary_export(context, steps) as export:
                numbers = run_job(self._coregistration(result, new, export), steps)
        return {**existing_numbers({key: numbers[name] for key, (name, _) in NUMBERS.items()}), **paths}

    def _coregistration(self, result, new, export):
        """Return the second job, which moves the image by the accepted points that the first one found."""
        sar, optical = ("sar_x", "sar_y"), ("opt_x", "opt_y")
        moving, fixed, crs = (
            (sar, optical, self._optical.crs) if self._moves == "sar" else (optical, sar, self._sar.crs)
        )
        accepted = [row for row in result["rows"] if row["accepted"]]
        return CoregisterJob(
            moving=self._moving.source(export),
            points=tuple(tuple(row[key] for key in (*moving, *fixed)) for row in accepted),
            point_ids=tuple(str(row["id"]) for row in accepted),
            fixed_crs=wkt(crs),
            target=self._target and self._target.source(export),
            output=new[self.OUTPUT],
            report=new.get(self.COREGISTRATION_REPORT, ""),
            image_name=image_name(self._moving),
            matched_pixel=result["pixel_size"],
            point_sigmas=_sigmas(accepted),
            **self._asked,
        )


def _sigmas(rows):
    """Return the predicted errors of tie points in working pixels, empty where the method predicts none."""
    sigmas = [row["sigma_px"] for row in rows]
    return () if None in sigmas else tuple(max(sigma, SMALLEST_SIGMA) for sigma in sigmas)


def _fold(definition):
    """Move a parameter into the dialog's folded part."""
    definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
