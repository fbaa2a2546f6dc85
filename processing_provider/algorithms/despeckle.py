"""`sarbridge:despeckle`: a radar image without its speckle, on its own pixels."""

from dataclasses import replace
from typing import Any, Optional

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from ...contract.despeckling_jobs import COMPLEX_UNITS, DESPECKLERS, OUTPUT_UNITS, DespeckleJob
from ...contract.errors import UserError
from ..algorithm import DESPECKLING, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..inputs.radar_geometry import radar_image
from ..outputs import styles
from ..outputs.destinations import GEOTIFF, HTML, add_raster_output, add_report, finished_outputs
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..parameters.choice import add_choice
from ..parameters.device import add_device, chosen_device
from ..parameters.extent import add_extent, extent_of_image
from ..parameters.given import named
from ..parameters.layers import add_band, add_raster, raster_layer
from ..parameters.model_parameters import MODEL_FILE, add_model_parameters, chosen_model
from ..parameters.tile_parameters import BATCH_SIZE, TILE, add_batch_size, add_tile

TASK = "despeckle"
"""What the cards of its models call it."""

NUMBERS = {
    "VALID_PIXELS": "Number of despeckled pixels",
    "LOOKS": "Estimated equivalent number of looks of the layer",
    "ENL_BEFORE": "Equivalent number of looks of the homogeneous blocks, before",
    "ENL_AFTER": "Equivalent number of looks of the homogeneous blocks, after",
    "RATIO_MEAN": "Mean of the ratio image (1 where no power is lost)",
    "RATIO_VARIANCE": "Variance of the ratio image (1 / looks where it is nothing but speckle)",
    "CORRELATION_BEFORE": "Dependence of real and imaginary part (0..1)",
    "CORRELATION_AFTER": "Dependence of real and imaginary part after centring (0..1)",
}
"""The numbers the algorithm gives besides its rasters; the last two of complex layers, and none that nothing tells."""


class Despeckle(SarbridgeAlgorithm):
    """Layer → job → engine → despeckled image, ratio image, report and numbers."""

    TITLE = "Despeckle SAR"
    GROUP = DESPECKLING
    SUMMARY = (
        "Takes the speckle out of a radar image and keeps its pixels: houses, roads and the edges of fields stay sharp,"
        " where averaging would blur them. Complex images (SLC) may be in radar geometry as the sensor delivers them,"
        " or on a map; the result lies where the layer does. Choose a MERLIN model for complex images and BridgeClear"
        " for detected ones, such as GRD products and quick looks; its card names the sensors and the pixels that it"
        " knows. The ratio image, and the numbers, say what was taken away: it should be speckle and nothing else."
    )
    TAGS = (
        *("despeckle", "despeckling", "speckle", "speckle filter", "denoise", "denoising", "noise", "filter", "smooth"),
        *("lee", "refined lee", "lee sigma", "merlin", "complex", "slc", "single look", "grd", "multilook", "enl"),
        *("intensity", "amplitude", "backscatter", "sentinel-1", "terrasar-x", "capella", "deep learning"),
    )
    INPUT, BANDS, METHOD, SAR_UNIT, OUTPUT_UNIT = "INPUT", "BANDS", "METHOD", "SAR_UNIT", "OUTPUT_UNIT"
    OUTPUT, RATIO, REPORT = "OUTPUT", "RATIO", "REPORT"
    LIKELY = {INPUT: "SAR"}

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_inputs()
        self._add_despeckling()
        self._add_outputs()

    def _add_inputs(self):
        add_raster(
            self,
            self.INPUT,
            "SAR layer",
            "The radar image: complex values, power, amplitude, decibels or an 8-bit picture, on a map or in radar"
            " geometry, for which it needs no coordinate reference system. It should not have been filtered or"
            " resampled before: speckle that was smeared over pixels is hard to tell from what is on the ground.",
        )
        add_band(
            self,
            self.BANDS,
            "Bands of the SAR layer",
            "Each is despeckled by itself, and becomes a band of the result. Empty: all but a transparency.",
            self.INPUT,
            several=True,
        )
        add_choice(
            self,
            self.SAR_UNIT,
            "Unit of the SAR values",
            COMPLEX_UNITS,
            "What the numbers in the layer are. What is told by the values is said in the log. Choose real and"
            " imaginary part where a complex image lies in two bands, first the real one.",
        )
        add_extent(
            self,
            "The part to despeckle. Empty: the whole layer. Of a layer without coordinate reference system it counts in"
            " columns and rows, which are below zero as QGIS shows them: 0,500,-300,0 are 500 columns of the first 300"
            " rows.",
        )

    def _add_despeckling(self):
        add_choice(
            self,
            self.METHOD,
            "Method",
            DESPECKLERS,
            "A model is slower than a filter and keeps more. Filters see the power of complex images, and ask for no"
            " model.",
        )
        add_model_parameters(
            self,
            TASK,
            " For complex images a MERLIN that has learnt from such a sensor and such pixels; BridgeClear for detected"
            " images of any sensor. Not used by filters.",
        )
        add_choice(
            self,
            self.OUTPUT_UNIT,
            "Unit of the result",
            OUTPUT_UNITS,
            "What the numbers in the result are; an 8-bit picture stays one.",
        )
        add_tile(self)
        add_batch_size(self)
        add_device(self)

    def _add_outputs(self):
        add_raster_output(
            self,
            self.OUTPUT,
            "Despeckled image",
            "A band for each image, on the pixels of the layer and where that lies, by control points if it has them"
            " (.tif): 32-bit floating point with NaN for no data; an 8-bit picture stays one, with 0 for no data.",
        )
        add_raster_output(
            self,
            self.RATIO,
            "Ratio image",
            "Power of the layer over that of the result (.tif): what was taken away. Where houses, roads or coasts show"
            " in it, they were taken away as well.",
            optional=True,
        )
        add_report(
            self,
            self.REPORT,
            "A page with both images and their ratio, the equivalent number of looks before and after, what the ratio"
            " should be like, what is left of the speckle's structure, and all settings.",
        )
        add_numbers(self, NUMBERS)

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        layer = raster_layer(self, parameters, self.INPUT, context)
        self._sar = radar_image(layer, self.parameterAsInts(parameters, self.BANDS, context), feedback)
        self._extent = extent_of_image(self, parameters, context, self._sar)
        method = self.parameterAsString(parameters, self.METHOD, context)
        self._job = DespeckleJob(
            sar=self._sar.described,
            output="of the destination",
            method=method,
            model=self._model(method, parameters, context),
            sar_unit=self.parameterAsString(parameters, self.SAR_UNIT, context),
            output_unit=self.parameterAsString(parameters, self.OUTPUT_UNIT, context),
            extent=self._extent.corners,
            tile=self.parameterAsInt(parameters, TILE, context),
            batch_size=self.parameterAsInt(parameters, BATCH_SIZE, context),
            device=chosen_device(self, parameters, context),
        )

    def _model(self, method, parameters, context):
        """Return the file of the model, empty for a filter; what dialogs choose in the list is not used then."""
        if method == "model":
            return chosen_model(self, parameters, context, TASK)
        if MODEL_FILE in parameters:
            label = named(self.parameterDefinition(MODEL_FILE))
            raise UserError(f"{label} is not used by the {DESPECKLERS[method]}: leave it empty.")
        return ""

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        looks = {self.OUTPUT: styles.DESPECKLED_IMAGE, self.RATIO: styles.SPECKLE_RATIO}
        suffixes = {**dict.fromkeys(looks, GEOTIFF), self.REPORT: HTML}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            with temporary_export(context, feedback, self._extent.areas) as export:
                job = replace(
                    self._job,
                    sar=self._sar.source(export),
                    output=new[self.OUTPUT],
                    ratio=new.get(self.RATIO, ""),
                    report=new.get(self.REPORT, ""),
                )
                numbers = run_job(job, feedback)["numbers"]
            for key in paths.keys() & looks.keys():
                below = "" if key == self.OUTPUT else paths[self.OUTPUT]
                styles.style_file(new[key], paths[key], looks[key], context, below)
        return {**existing_numbers(numbers), **paths}
