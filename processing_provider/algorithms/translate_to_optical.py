"""`sarbridge:translatetooptical`: a SAR layer as the optical image that would show the same place."""

from dataclasses import replace
from typing import Any, Optional

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterBoolean,
)

from ...contract.sources import LARGEST_TILE
from ...contract.translation_jobs import ENHANCEMENTS, TranslateToOpticalJob
from ..algorithm import TRANSLATION, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..inputs.layers import MARGIN
from ..outputs import styles
from ..outputs.destinations import GEOTIFF, HTML, add_raster_output, add_report, finished_outputs
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..parameters.choice import add_choice
from ..parameters.device import add_device, chosen_device
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.extent import add_extent, extent_in
from ..parameters.layers import add_raster, elevation_input
from ..parameters.model_parameters import add_model_parameters, chosen_model
from ..parameters.number import add_number, number
from ..parameters.sar_bands_parameters import SAR, SAR_UNIT, SarBandsInput, add_sar_bands
from ..parameters.sar_view_parameters import (
    HEADING,
    INCIDENCE_ANGLE_FAR,
    INCIDENCE_LAYER,
    LOOK_AZIMUTH,
    SarViewInput,
    add_sar_view_parameters,
)
from ..parameters.tile_parameters import BATCH_SIZE, TILE, add_batch_size, add_tile

TASK = "translate"
"""What the cards of its models call it."""

NUMBERS = {
    "VALID_PIXELS": "Number of translated pixels",
    "MEAN_UNCERTAINTY": "Mean of the expected absolute error of the colours (0..1)",
    "FORESHORTENING_SHARE": "Foreshortened (% of the elevation cells under the image)",
    "LAYOVER_SHARE": "Layover (% of the elevation cells under the image)",
    "SHADOW_SHARE": "Radar shadow (% of the elevation cells under the image)",
    "UNDISTORTED_SHARE": "Undistorted (% of the elevation cells under the image)",
}
"""The numbers the algorithm gives besides its rasters; what the model or the view does not tell is left out."""


class TranslateToOptical(SarbridgeAlgorithm):
    """Layers → job → engine → colours, their uncertainty, zones, report and numbers."""

    TITLE = "Translate SAR to optical"
    GROUP = TRANSLATION
    SUMMARY = (
        "Turns a SAR layer into an image that reads like an optical one, for places under clouds for instance: a"
        " trained network gives each pixel the colour that such an echo, in such surroundings, usually has. Layers may"
        " be of any size; the result has the pixels of the SAR layer, and shows no seams but of models that see each"
        " tile by itself. The colours are likely, not measured: the uncertainty says how far they are expected to be"
        " off, and the zones where the radar image is distorted."
    )
    TAGS = (
        *("translation", "optical", "rgb", "colour", "color", "clouds", "cloud removal", "image-to-image", "pix2pix"),
        *("sentinel", "sentinel-1", "sentinel-2", "deep learning", "colorize", "uncertainty", "sardinet", "cyclegan"),
    )
    LIKELY = {SAR: "SAR"}

    DEM = "DEM"
    ENHANCE, OVERVIEWS, OVERLAP = "ENHANCE", "OVERVIEWS", "OVERLAP"
    OUTPUT, UNCERTAINTY, ZONES, REPORT = "OUTPUT", "UNCERTAINTY", "ZONES", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_inputs()
        self._add_translation()
        self._add_outputs()

    def _add_inputs(self):
        add_sar_bands(
            self,
            "The radar image, detected or complex, on a map (no radar geometry).",
            "One for each polarisation; where a model translates each by itself, the results are joined. Empty: the"
            " bands that are called by a polarisation, or the first band.",
        )
        add_raster(
            self,
            self.DEM,
            "Elevation layer (DEM)",
            "Heights in metres, for models that take them, and for the distortion zones. Any coordinate reference"
            " system, any cell size.",
            optional=True,
        )
        add_extent(self, "The part to translate. Empty: the whole SAR layer.")

    def _add_translation(self):
        add_model_parameters(self, TASK)
        add_choice(
            self,
            self.ENHANCE,
            "Enhancement",
            ENHANCEMENTS,
            "Translated images are low in contrast, as their colours are means of what is possible. The Laplacian"
            " filter sharpens edges, the Wiener filter undoes a blur of nine pixels; both exaggerate what is wrong,"
            " too.",
        )
        add_sar_view_parameters(self, required="for distortion zones")
        add_tile(self)
        add_number(
            self,
            self.OVERLAP,
            "Overlap (pixels)",
            "How far tiles reach into their neighbours on each side. Empty: as far as the network looks, so that there"
            " are no seams; with less, tiles are blended, and with 0 seams show.",
            bounds=(0, LARGEST_TILE // 4),
            integer=True,
            advanced=True,
        )
        add_batch_size(self)
        add_device(self)

    def _add_outputs(self):
        self.add_parameter(
            QgsProcessingParameterBoolean(self.OVERVIEWS, self.tr("Build overviews"), defaultValue=False),
            "Adds smaller versions of the image to its file, so that large ones are drawn quickly.",
            advanced=True,
        )
        add_raster_output(
            self,
            self.OUTPUT,
            "Translated image",
            "Red, green and blue of 8 bits on the grid of the SAR layer (.tif); 0 is no data, as where the SAR layer"
            " has none.",
        )
        add_raster_output(
            self,
            self.UNCERTAINTY,
            "Uncertainty",
            "Expected absolute error of the colours on the same grid (.tif), 0 to 1 of their range; of models that tell"
            " it. It is that of the colours before they are enhanced.",
            optional=True,
        )
        add_raster_output(
            self,
            self.ZONES,
            "Distortion zones",
            "Where the radar image is foreshortened, laid over or in shadow, on the grid of the elevation layer (.tif),"
            " as SAR distortion zones maps it; needs an elevation layer and the flight direction.",
            optional=True,
        )
        add_report(
            self, self.REPORT, "A page with both images, the uncertainty, what the model has learnt and all settings."
        )
        add_numbers(self, NUMBERS)

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._sar = SarBandsInput(self, parameters, context, feedback)
        self._dem = elevation_input(self, parameters, self.DEM, context, feedback)
        refuse_same_pixels(self, {**self._sar.layers, self.DEM: self._dem})
        view_keys = (HEADING, LOOK_AZIMUTH, INCIDENCE_ANGLE_FAR, INCIDENCE_LAYER, self.ZONES)
        has_view = any(key in parameters for key in view_keys)
        self._view = SarViewInput(self, parameters, context) if has_view else None
        self._extent = extent_in(self, parameters, context, self._sar.crs)
        if self._extent.areas and not self._sar.is_file:
            feedback.pushWarning(
                f"Layer '{self._sar.described.name}' is no file, so that only the extent and {MARGIN} pixels around it"
                " are read, and decide on what is bright and what is dark: save the layer as GeoTIFF first where images"
                " of several extents are to fit together."
            )
        self._job = self._described_job(parameters, context)

    def _described_job(self, parameters, context):
        """Return the job as far as it is known before layers are exported: good for finding out what is wrong."""
        return TranslateToOpticalJob(
            sar=self._sar.described,
            model=chosen_model(self, parameters, context, TASK),
            output="of the destination",
            polarisations=self._sar.polarisations,
            sar_unit=self.parameterAsString(parameters, SAR_UNIT, context),
            dem=self._dem and self._dem.described,
            view=self._view and self._view.described,
            enhance=self.parameterAsString(parameters, self.ENHANCE, context),
            extent=self._extent.corners,
            overviews=self.parameterAsBool(parameters, self.OVERVIEWS, context),
            tile=self.parameterAsInt(parameters, TILE, context),
            overlap=int(number(self, parameters, self.OVERLAP, context, empty=-1)),
            batch_size=self.parameterAsInt(parameters, BATCH_SIZE, context),
            device=chosen_device(self, parameters, context),
        )

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        looks = {
            self.OUTPUT: styles.TRANSLATED_IMAGE,
            self.UNCERTAINTY: styles.UNCERTAINTY,
            self.ZONES: styles.DISTORTION_ZONES,
        }
        suffixes = {**dict.fromkeys(looks, GEOTIFF), self.REPORT: HTML}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            areas = [(self._sar.extent, self._sar.crs), *self._extent.areas]
            with temporary_export(context, feedback, areas) as export:
                numbers = run_job(self._job_with_pixels(new, export), feedback)["numbers"]
            for key in paths.keys() & looks.keys():
                below = "" if key == self.OUTPUT else paths[self.OUTPUT]
                styles.style_file(new[key], paths[key], looks[key], context, below)
        return {**existing_numbers(numbers), **paths}

    def _job_with_pixels(self, new, export):
        """Return the job with layers that the engine can open, and what it writes."""
        return replace(
            self._job,
            sar=self._sar.source(export),
            dem=self._dem and self._dem.source(export),
            view=self._view and self._view.view(export),
            output=new[self.OUTPUT],
            uncertainty=new.get(self.UNCERTAINTY, ""),
            zones=new.get(self.ZONES, ""),
            report=new.get(self.REPORT, ""),
        )
