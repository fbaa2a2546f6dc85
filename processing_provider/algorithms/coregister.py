"""`sarbridge:coregister`: lays one image over the other with the tie points of `matchtiepoints`."""

from typing import Any, Optional

from qgis.core import (
    QgsCoordinateTransform,
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterCrs,
    QgsProcessingParameterFeatureSource,
)

from ...contract.coregistration_jobs import COMPRESSIONS, MOVES, RESAMPLINGS, TRANSFORMS, CoregisterJob
from ...contract.errors import UserError
from ..algorithm import SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..inputs.layers import RasterInput, wkt
from ..inputs.matched_images import check_moving_image, check_places, image_name, remembered_optical_crs
from ..inputs.tie_points import accepted_points, check_nearness, expected_errors, matched_pixel
from ..outputs.destinations import HTML, add_raster_output, add_report, destinations
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..parameters.choice import add_choice
from ..parameters.layers import add_raster, feature_source, raster_layer

NUMBERS = {
    "POINT_COUNT": ("point_count", "Number of points used"),
    "RMSE": ("rmse_m", "Root mean square error of the fit (m)"),
    "RMSE_PX": ("rmse_px", "Root mean square error of the fit (pixels of the moving image)"),
    "LEAVE_ONE_OUT": ("loo_m", "Leave-one-out error (m)"),
    "LEAVE_ONE_OUT_PX": ("loo_px", "Leave-one-out error (pixels of the moving image)"),
}
"""The numbers the algorithm gives besides the image: output key → key of the engine, description. A number that does
not exist (the leave-one-out error of as many points as the transform needs) is left out of the results."""


class Coregister(SarbridgeAlgorithm):
    """Lay one image over the other with tie points."""

    TITLE = "Co-register"
    SUMMARY = (
        "Lays the optical image over the SAR image, or the other way round, with tie points made by Match tie points."
        " Points whose field accepted is false are left out; select points in the layer and tick 'Selected features"
        " only' to use fewer. The input file is never changed."
    )
    TAGS = (
        *("co-registration", "coregistration", "image registration", "georeference", "georeferencing", "warp", "align"),
        *("rectify", "tie points", "ground control points", "gcp", "optical", "sentinel", "sentinel-1", "sentinel-2"),
        *("image matching", "thin plate spline", "affine", "polynomial", "correct", "shift"),
    )
    LIKELY = {"INPUT": "OPTICAL", "POINTS": "TIE_POINTS"}

    INPUT, POINTS, MOVES, TRANSFORM = "INPUT", "POINTS", "MOVES", "TRANSFORM"
    TARGET, OPTICAL_CRS, RESAMPLING, COMPRESSION = "TARGET", "OPTICAL_CRS", "RESAMPLING", "COMPRESSION"
    OUTPUT, REPORT = "OUTPUT", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_raster(
            self,
            self.INPUT,
            "Image to move",
            "The optical or the SAR layer that the points were matched in; all its bands are written.",
        )
        self.add_parameter(
            QgsProcessingParameterFeatureSource(
                self.POINTS, self.tr("Tie points"), [QgsProcessing.SourceType.TypeVectorPoint]
            ),
            "The tie points, in the SAR layer's coordinate reference system as Match tie points wrote them. Where they"
            " have predicted errors (sigma_px), surer points weigh more.",
        )
        add_choice(
            self,
            self.MOVES,
            "Which image is it",
            MOVES,
            "What moves: the optical image onto the SAR image, or the SAR image onto the optical image.",
        )
        add_choice(
            self,
            self.TRANSFORM,
            "Transform",
            TRANSFORMS,
            "A shift changes only the position in the file's header, pixels stay as they are. Affine: shift, rotation,"
            " scale and shear. A thin plate spline goes through every point. Automatic: the simplest of shift,"
            " affine and polynomial that predicts points left out as well as any.",
            default="affine",
        )
        add_raster(
            self,
            self.TARGET,
            "Layer with the output grid",
            "Its pixels, extent and coordinate reference system are taken over, usually those of the other image."
            " Empty: the grid of the image that moves.",
            optional=True,
        )
        self.add_parameter(
            QgsProcessingParameterCrs(
                self.OPTICAL_CRS, self.tr("Coordinate reference system of the optical layer"), optional=True
            ),
            "The system of opt_x and opt_y in the points. Empty: the one that they name in opt_crs; where they name"
            " none, that of the image to move when it is the optical one, else that of the layer with the output grid,"
            " else that of the points.",
            advanced=True,
        )
        add_choice(
            self, self.RESAMPLING, "Resampling", RESAMPLINGS, "How new pixels are computed from old ones.", "bilinear"
        )
        add_choice(self, self.COMPRESSION, "Compression", COMPRESSIONS, "Lossless compression of a GeoTIFF.", "deflate")
        add_raster_output(
            self,
            self.OUTPUT,
            "Co-registered image",
            "A GeoTIFF (.tif), or a .vrt: a small file that refers to the input and is written in an instant.",
        )
        add_report(self, self.REPORT, "A page with the transform, its errors and the largest of the single points.")
        add_numbers(self, {key: description for key, (_, description) in NUMBERS.items()})

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        layer = raster_layer(self, parameters, self.INPUT, context)
        target = raster_layer(self, parameters, self.TARGET, context)
        self._moving = RasterInput(layer)
        self._target = target and RasterInput(target, [1])
        self._asked = {
            **self._read_points(parameters, context, feedback),
            "transform": self.parameterAsString(parameters, self.TRANSFORM, context),
            "resampling": self.parameterAsString(parameters, self.RESAMPLING, context),
            "compression": self.parameterAsString(parameters, self.COMPRESSION, context),
        }

    def _read_points(self, parameters, context, feedback):
        """Return what the job says of the points: from where to where, their ids, pixels and expected errors."""
        source = feature_source(self, parameters, self.POINTS, context)
        moves = self.parameterAsString(parameters, self.MOVES, context)
        sar_crs, optical_crs = source.sourceCrs(), self._optical_crs(parameters, context, moves, source)
        points = accepted_points(source, feedback)
        check_moving_image(source, self._moving, moves, feedback)
        check_nearness(points, source.sourceName(), sar_crs, optical_crs, context.transformContext(), feedback)
        ends = {
            "sar": ([each.sar for each in points], sar_crs),
            "optical": ([each.optical for each in points], optical_crs),
        }
        moving, moving_crs = ends.pop(moves)
        [(fixed, fixed_crs)] = ends.values()
        to_layer = QgsCoordinateTransform(moving_crs, self._moving.crs, context.transformContext())
        moving = [to_layer.transform(point) for point in moving]
        check_places(moving, self._moving, source.sourceName())
        return {
            "points": tuple((*start, *end) for start, end in zip(moving, fixed)),
            "point_ids": tuple(each.id for each in points),
            "fixed_crs": wkt(fixed_crs),
            "matched_pixel": matched_pixel(points),
            "point_sigmas": expected_errors(points),
        }

    def _optical_crs(self, parameters, context, moves, source):
        """Return the CRS of opt_x and opt_y, which a field tells if it has a code, else the layers that were chosen."""
        named = self.parameterAsCrs(parameters, self.OPTICAL_CRS, context)
        for crs in (named, remembered_optical_crs(source)):
            if crs.isValid():
                return crs
        if moves == "optical":
            return self._moving.crs
        return self._target.crs if self._target else source.sourceCrs()

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        suffixes = {self.OUTPUT: (".tif", ".tiff", ".vrt"), self.REPORT: HTML}
        paths = destinations(self, parameters, context, suffixes)
        if paths[self.OUTPUT].lower().endswith(".vrt") and not self._moving.is_file:
            raise UserError(
                f"Layer '{self._moving.name}' is not a file that a VRT could refer to: choose a .tif as output."
            )
        with temporary_export(context, feedback) as export:
            job = CoregisterJob(
                moving=self._moving.source(export),
                target=self._target and self._target.source(export),
                output=paths[self.OUTPUT],
                report=paths.get(self.REPORT, ""),
                image_name=image_name(self._moving),
                **self._asked,
            )
            numbers = run_job(job, feedback)  # it finishes its files itself
        results = existing_numbers({key: numbers[name] for key, (name, _) in NUMBERS.items()})
        return {**results, **paths}
