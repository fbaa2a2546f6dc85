"""`sarbridge:coregister`: lays one image over the other with the tie points of `matchtiepoints`."""

import math
import tempfile
from contextlib import suppress
from statistics import median

from qgis.core import (
    NULL,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsDistanceArea,
    QgsPointXY,
    QgsProcessing,
    QgsProcessingOutputNumber,
    QgsProcessingParameterCrs,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingUtils,
    QgsWkbTypes,
)

from ...contract.coregistration_jobs import COMPRESSIONS, MOVES, RESAMPLINGS, TRANSFORMS, CoregisterJob
from ...contract.errors import UserError
from ..algorithm import SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.layers import RasterInput, raster_layer, wkt
from ..outputs.destinations import HTML, destination

NUMBERS = {
    "POINT_COUNT": ("point_count", "Number of points used"),
    "RMSE": ("rmse_m", "Root mean square error of the fit (m)"),
    "RMSE_PX": ("rmse_px", "Root mean square error of the fit (pixels of the moving image)"),
    "LEAVE_ONE_OUT": ("loo_m", "Leave-one-out error (m)"),
    "LEAVE_ONE_OUT_PX": ("loo_px", "Leave-one-out error (pixels of the moving image)"),
}
"""The numbers the algorithm gives besides the image: output key → key of the engine, description. A number that does
not exist (the leave-one-out error of as many points as the transform needs) is left out of the results."""

_POSITION = ("sar_x", "sar_y", "opt_x", "opt_y", "length_m")
"""What a row of tie points holds. The SAR position is that of the point itself, where the layer has points: users drag
them, and reproject layers."""

_SHIFT = ("length_m", "dx_px", "dy_px")
"""What tells the size of the pixels in which points were matched."""

_TRUE = ("true", "1", "t")
"""How formats without booleans (Shapefile, text) spell `accepted`, in lower case."""


class Coregister(SarbridgeAlgorithm):
    """Lay one image over the other with tie points."""

    TITLE = "Co-register"
    SUMMARY = (
        "Lays the optical image over the SAR image, or the other way round, with tie points made by Match tie points."
        " Points whose field accepted is false are left out; select points in the layer and tick 'Selected features"
        " only' to use fewer. The input file is never changed."
    )
    TAGS = ("co-registration", "registration", "georeferencing", "warp", "rectify", "tie points", "align", "optical")

    INPUT, POINTS, MOVES, TRANSFORM = "INPUT", "POINTS", "MOVES", "TRANSFORM"
    TARGET, OPTICAL_CRS, RESAMPLING, COMPRESSION = "TARGET", "OPTICAL_CRS", "RESAMPLING", "COMPRESSION"
    OUTPUT, REPORT = "OUTPUT", "REPORT"

    def initAlgorithm(self, configuration=None):
        self.add_parameter(
            QgsProcessingParameterRasterLayer(self.INPUT, self.tr("Image to move")),
            "The optical or the SAR layer that the points were matched in; all its bands are written.",
        )
        self.add_parameter(
            QgsProcessingParameterFeatureSource(
                self.POINTS, self.tr("Tie points"), [QgsProcessing.SourceType.TypeVectorPoint]
            ),
            "The tie points, in the SAR layer's coordinate reference system as Match tie points wrote them.",
        )
        self.add_choice(
            self.MOVES,
            "Which image is it",
            MOVES,
            "optical: the optical image moves onto the SAR image; sar: the SAR image moves onto the optical image.",
            default="optical",
        )
        self.add_choice(
            self.TRANSFORM,
            "Transform",
            TRANSFORMS,
            "shift: only the position in the file's header changes, pixels stay as they are. affine: shift, rotation,"
            " scale and shear. polynomial2: second order. tps: a thin plate spline through every point.",
            default="affine",
        )
        self.add_parameter(
            QgsProcessingParameterRasterLayer(self.TARGET, self.tr("Layer with the output grid"), optional=True),
            "Its pixels, extent and coordinate reference system are taken over, usually those of the other image."
            " Empty: the grid of the image that moves.",
        )
        self.add_parameter(
            QgsProcessingParameterCrs(
                self.OPTICAL_CRS, self.tr("Coordinate reference system of the optical layer"), optional=True
            ),
            "The system of opt_x and opt_y in the points. Empty: that of the image to move when it is the optical one,"
            " else that of the layer with the output grid, else that of the points.",
            advanced=True,
        )
        self.add_choice(
            self.RESAMPLING,
            "Resampling",
            RESAMPLINGS,
            "How new pixels are computed from old ones.",
            default="bilinear",
        )
        self.add_choice(
            self.COMPRESSION, "Compression", COMPRESSIONS, "Lossless compression of a GeoTIFF.", default="deflate"
        )
        self.add_parameter(
            QgsProcessingParameterRasterDestination(self.OUTPUT, self.tr("Co-registered image")),
            "A GeoTIFF (.tif), or a .vrt: a small file that refers to the input and is written in an instant.",
        )
        self.add_parameter(
            QgsProcessingParameterFileDestination(
                self.REPORT, self.tr("Report"), self.tr("HTML files (*.html)"), None, True, False
            ),
            "A page with the transform, its errors and the largest of the single points.",
        )
        for key, (_, description) in NUMBERS.items():
            self.addOutput(QgsProcessingOutputNumber(key, self.tr(description)))

    @one_sentence
    def prepareAlgorithm(self, parameters, context, feedback):
        layer = raster_layer(self, parameters, self.INPUT, context)
        target = raster_layer(self, parameters, self.TARGET, context)
        self._moving = RasterInput(layer, range(1, layer.bandCount() + 1))
        self._target = target and RasterInput(target, [1])
        self._points, self._point_ids, self._fixed_crs = self._read_points(parameters, context)
        return True

    def _read_points(self, parameters, context):
        """Return the job's points (moving x, moving y, fixed x, fixed y), their ids and the CRS of the fixed ones."""
        source = self.parameterAsSource(parameters, self.POINTS, context)
        if source is None:
            raise UserError(f"POINTS: '{parameters.get(self.POINTS)}' cannot be read: choose a layer of tie points.")
        name = source.sourceName()
        ids, rows, self._matched_pixel = _accepted_points(source, name)
        sar_crs, optical_crs = source.sourceCrs(), self._optical_crs(parameters, context, source)
        _check_nearness(rows, sar_crs, optical_crs, name, context.transformContext())
        sar = [QgsPointXY(row[0], row[1]) for row in rows]
        optical = [QgsPointXY(row[2], row[3]) for row in rows]
        if self.parameterAsString(parameters, self.MOVES, context) == "optical":
            moving, moving_crs, fixed, fixed_crs = optical, optical_crs, sar, sar_crs
        else:
            moving, moving_crs, fixed, fixed_crs = sar, sar_crs, optical, optical_crs
        to_layer = QgsCoordinateTransform(moving_crs, self._moving.crs, context.transformContext())
        moving = [to_layer.transform(point) for point in moving]
        return tuple((*start, *end) for start, end in zip(moving, fixed)), ids, fixed_crs

    def _optical_crs(self, parameters, context, source):
        """Return the CRS of opt_x and opt_y, which no field and not every file format could carry."""
        named = self.parameterAsCrs(parameters, self.OPTICAL_CRS, context)
        if named.isValid():
            return named
        if self.parameterAsString(parameters, self.MOVES, context) == "optical":
            return self._moving.crs
        return self._target.crs if self._target else source.sourceCrs()

    @one_sentence
    def processAlgorithm(self, parameters, context, feedback):
        output = destination(self, parameters, self.OUTPUT, context, (".tif", ".tiff", ".vrt"))
        report = destination(self, parameters, self.REPORT, context, HTML)
        if output.lower().endswith(".vrt") and not self._moving.is_file:
            raise UserError(
                f"Layer '{self._moving.name}' is not a file that a VRT could refer to: choose a .tif as output."
            )
        with tempfile.TemporaryDirectory(prefix="sarbridge_", dir=QgsProcessingUtils.tempFolder()) as folder:
            export = (folder, (), context.transformContext(), feedback)
            job = CoregisterJob(
                moving=self._moving.source(*export),
                points=self._points,
                point_ids=self._point_ids,
                fixed_crs=wkt(self._fixed_crs),
                output=output,
                transform=self.parameterAsString(parameters, self.TRANSFORM, context),
                resampling=self.parameterAsString(parameters, self.RESAMPLING, context),
                compression=self.parameterAsString(parameters, self.COMPRESSION, context),
                target=self._target and self._target.source(*export),
                report=report,
                matched_pixel=self._matched_pixel,
            )
            numbers = run_job(job, feedback)
        results = {key: numbers[name] for key, (name, _) in NUMBERS.items() if numbers[name] is not None}
        paths = {self.OUTPUT: output, self.REPORT: report}
        return {**results, **{key: path for key, path in paths.items() if path}}


def _accepted_points(source, name):
    """Return ids and rows (`_POSITION`) of the accepted points of a feature source called `name`, and their pixel.

    That is the side, in metres, of the pixels in which they were matched, 0 where no field tells. An id is a text: the
    field `id`, or the feature's own id where there is none. Raises `UserError` when a field is missing or an accepted
    point has no position.
    """
    fields = source.fields()
    missing = [field for field in _POSITION + ("accepted",) if fields.lookupField(field) < 0]
    if missing:
        raise UserError(
            f"Layer '{name}' lacks the field {', '.join(missing)}: choose tie points made by Match tie points."
        )
    id_field = fields.lookupField("id")
    tells_pixel = all(fields.lookupField(field) >= 0 for field in _SHIFT)
    ids, rows, pixels = [], [], []
    for feature in source.getFeatures():
        if str(feature["accepted"]).lower() not in _TRUE:
            continue
        try:
            row = [float(feature[field]) for field in _POSITION]
        except (TypeError, ValueError):
            raise UserError(
                f"Layer '{name}' has an accepted point without positions (feature {feature.id()}): complete it or set"
                " accepted to false."
            ) from None
        place = feature.geometry()
        if place.type() == QgsWkbTypes.GeometryType.PointGeometry and not place.isMultipart() and not place.isEmpty():
            row[:2] = place.asPoint().x(), place.asPoint().y()
        rows.append(tuple(row))
        has_id = id_field >= 0 and feature[id_field] != NULL
        ids.append(str(feature[id_field] if has_id else feature.id()))
        if tells_pixel:
            with suppress(TypeError, ValueError, ZeroDivisionError):  # one that tells nothing
                length, right, down = (float(feature[field]) for field in _SHIFT)
                pixels.append(length / math.hypot(right, down))
    return tuple(ids), rows, median(pixels) if pixels else 0.0


def _check_nearness(rows, sar_crs, optical_crs, name, transform_context):
    """Raise `UserError` when points are not where their length says: then a position is read in a wrong CRS."""
    if not rows:
        return  # the engine says how many it needs
    globe = QgsCoordinateReferenceSystem("EPSG:4326")
    sar_to_globe = QgsCoordinateTransform(sar_crs, globe, transform_context)
    optical_to_globe = QgsCoordinateTransform(optical_crs, globe, transform_context)
    distance = QgsDistanceArea()
    distance.setSourceCrs(globe, transform_context)
    distance.setEllipsoid("EPSG:7030")
    try:
        apart = median(
            distance.measureLine(
                sar_to_globe.transform(QgsPointXY(sar_x, sar_y)), optical_to_globe.transform(QgsPointXY(opt_x, opt_y))
            )
            for sar_x, sar_y, opt_x, opt_y, _ in rows
        )
    except QgsCsException:
        apart = math.inf
    if not apart <= 2 * median(row[4] for row in rows) + 1000:
        code = optical_crs.authid() or "a CRS without a code"
        raise UserError(
            f"Points '{name}': the optical positions, read in {code}, do not lie"
            " beside the SAR positions: choose the layers that were matched, or name the optical layer's CRS in"
            " OPTICAL_CRS."
        )
