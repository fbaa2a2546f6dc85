"""`sarbridge:evaluatetranslation`: how near a translated image comes to a reference, by zone, as table and numbers."""

from dataclasses import replace
from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterFile,
)

from ...contract.installation import SHIPPED_MATCHER
from ...contract.translation_jobs import EvaluateTranslationJob
from ..algorithm import TRANSLATION, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..inputs.implausible_layers import check_image
from ..inputs.layer_kinds import Kind
from ..inputs.layers import RasterInput, visible_bands
from ..outputs.destinations import HTML, add_report, add_vector_output, finished_outputs
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..outputs.table_file import TABLE_FORMATS, write_table
from ..parameters.device import add_device, chosen_device
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.layers import add_band, add_raster, elevation_input, raster_layer
from ..parameters.sar_view_parameters import (
    HEADING,
    INCIDENCE_ANGLE_FAR,
    INCIDENCE_LAYER,
    LOOK_AZIMUTH,
    SarViewInput,
    add_sar_view_parameters,
)
from ..parameters.simple_values import WEIGHT_FILES

_MEASURES = {
    "MSE": "mean squared error (colours 0..1)",
    "SSIM": "structural similarity",
    "PSNR": "peak signal-to-noise ratio (dB)",
    "PIXELS": "number of pixels",
}
_ZONES = {
    "ALL": "All pixels",
    "FORESHORTENING": "Foreshortening",
    "SHADOW": "Radar shadow",
    "LAYOVER": "Layover",
    "UNDISTORTED": "Undistorted",
}
NUMBERS = {
    **{f"{key}_{zone}": f"{name}: {what}" for zone, name in _ZONES.items() for key, what in _MEASURES.items()},
    "MEAN_COLOUR_MSE": "Mean colour of the reference: mean squared error",
    "MEAN_COLOUR_SSIM": "Mean colour of the reference: structural similarity",
    "REGRESSION_MSE": "Regression from local SAR statistics: mean squared error",
    "REGRESSION_SSIM": "Regression from local SAR statistics: structural similarity",
    "FID": "Fréchet inception distance (FID)",
    "FEATURE_DISTANCE": "Fréchet distance of the features of the project's encoder",
}
"""The numbers the algorithm gives; what does not exist, such as those of zones without pixels, is left out."""


class EvaluateTranslation(SarbridgeAlgorithm):
    """Two images, and zones or heights → job → engine → table, report and numbers."""

    TITLE = "Evaluate translation"
    GROUP = TRANSLATION
    SUMMARY = (
        "Scores a translated image against an optical image of the same place: mean squared error, structural"
        " similarity (SSIM) and peak signal-to-noise ratio (PSNR), of all pixels and by the distortion zones of the"
        " radar. Beside them stand trivial answers, which a translation should beat: the mean colour of the reference,"
        " and, with a SAR layer, what a linear regression makes of its local statistics."
    )
    TAGS = (
        *("translation", "quality", "accuracy", "validation", "error", "mse", "ssim", "psnr", "frechet", "fid"),
        *("compare images", "image similarity", "optical", "zones", "benchmark"),
    )
    LIKELY = {"TRANSLATED": "OPTICAL", "REFERENCE": "OPTICAL", "SAR": "SAR"}

    TRANSLATED, REFERENCE = "TRANSLATED", "REFERENCE"
    TRANSLATED_BANDS, REFERENCE_BANDS = "TRANSLATED_BANDS", "REFERENCE_BANDS"
    ZONES, DEM, SAR, SAR_BAND = "ZONES", "DEM", "SAR", "SAR_BAND"
    FEATURE_MODEL_FILE = "FEATURE_MODEL_FILE"
    TABLE, REPORT = "TABLE", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_images()
        self._add_zones()
        self._add_yardsticks()
        add_device(self)
        self._add_outputs()

    def _add_images(self):
        for key, bands, title, help_text in (
            (
                self.TRANSLATED,
                self.TRANSLATED_BANDS,
                "Translated image",
                "The image to score, in 8 bits or from 0 to 1, as Translate SAR to optical writes it. Its pixels are"
                " those that count.",
            ),
            (
                self.REFERENCE,
                self.REFERENCE_BANDS,
                "Reference image",
                "An optical image of the same place, in 8 bits or from 0 to 1, stretched as the translated one is meant"
                " to be. It is resampled onto the pixels of the translated image.",
            ),
        ):
            add_raster(self, key, title, help_text)
            add_band(
                self,
                bands,
                f"Bands of the {title.lower()}",
                "Which bands are compared, in the same order in both images. Empty: the first three, or the first of"
                " fewer.",
                key,
                several=True,
                advanced=True,
            )

    def _add_zones(self):
        add_raster(
            self,
            self.ZONES,
            "Distortion zones",
            "A mask as SAR distortion zones writes it, of any cell size; scores are given for each zone as well. It"
            " can be left out, or made from an elevation layer and the flight direction instead.",
            optional=True,
        )
        add_raster(
            self,
            self.DEM,
            "Elevation layer (DEM; instead of distortion zones)",
            "Heights in metres, from which the zones are made; needs the flight direction.",
            optional=True,
        )
        add_sar_view_parameters(self, required="for an elevation layer")

    def _add_yardsticks(self):
        add_raster(
            self,
            self.SAR,
            "SAR layer",
            "The radar image that was translated. With it, the colours that a linear regression predicts from its local"
            " statistics are scored as well: the value, means over 3, 7 and 31 pixels, deviations over 7 and 31.",
            optional=True,
        )
        add_band(self, self.SAR_BAND, "SAR band", "The band of the regression.", self.SAR, advanced=True)
        self.add_parameter(
            QgsProcessingParameterFile(
                self.FEATURE_MODEL_FILE,
                self.tr("Weights of the features"),
                optional=True,
                fileFilter=WEIGHT_FILES,
            ),
            "The network by whose features both images are compared: their Fréchet distance, smaller is better. Weights"
            " of Inception-v3 in torchvision's layout give the Fréchet inception distance (FID), over patches of 256"
            " pixels; a BridgeMatch model gives a distance of its own encoder, which is no FID. Empty: the BridgeMatch"
            " model that comes with the plugin.",
            advanced=True,
        )

    def _add_outputs(self):
        add_vector_output(
            self,
            self.TABLE,
            "Table of scores",
            "A row for each image and zone that has pixels, without geometry (.gpkg or .csv).",
            QgsProcessing.SourceType.TypeVector,
            optional=True,
        )
        add_report(self, self.REPORT, "A page with both images, where they differ, and the scores of all zones.")
        add_numbers(self, NUMBERS)

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        translated, reference = (
            raster_layer(self, parameters, key, context) for key in (self.TRANSLATED, self.REFERENCE)
        )
        check_image(reference, Kind.OPTICAL, feedback)
        self._translated, self._reference = (
            RasterInput(layer, self.parameterAsInts(parameters, key, context) or visible_bands(layer))
            for layer, key in ((translated, self.TRANSLATED_BANDS), (reference, self.REFERENCE_BANDS))
        )
        zones = raster_layer(self, parameters, self.ZONES, context)
        self._zones = zones and RasterInput(zones, [1])
        self._dem = elevation_input(self, parameters, self.DEM, context, feedback)
        view_keys = (HEADING, LOOK_AZIMUTH, INCIDENCE_ANGLE_FAR, INCIDENCE_LAYER, self.DEM)
        has_view = any(key in parameters for key in view_keys)
        self._view = SarViewInput(self, parameters, context) if has_view else None
        sar = raster_layer(self, parameters, self.SAR, context)
        if sar:
            check_image(sar, Kind.SAR, feedback)
        self._sar = sar and RasterInput(sar, [self.parameterAsInt(parameters, self.SAR_BAND, context) or 1])
        refuse_same_pixels(
            self,
            {
                self.TRANSLATED: self._translated,
                self.REFERENCE: self._reference,
                self.ZONES: self._zones,
                self.DEM: self._dem,
                self.SAR: self._sar,
                INCIDENCE_LAYER: self._view and self._view.layer,
            },
        )
        self._job = EvaluateTranslationJob(
            **{name: layer and layer.described for name, layer in self._layers().items()},
            view=self._view and self._view.described,
            features=self.parameterAsFile(parameters, self.FEATURE_MODEL_FILE, context) or str(SHIPPED_MATCHER),
            device=chosen_device(self, parameters, context),
        )

    def _layers(self):
        """Return the layers by the fields of the job."""
        return {
            "translated": self._translated,
            "reference": self._reference,
            "zones": self._zones,
            "dem": self._dem,
            "sar": self._sar,
        }

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        suffixes = {self.TABLE: TABLE_FORMATS, self.REPORT: HTML}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            areas = [(layer.extent, layer.crs) for layer in (self._translated, self._reference)]
            with temporary_export(context, feedback, areas) as export:
                job = replace(
                    self._job,
                    **{name: layer and layer.source(export) for name, layer in self._layers().items()},
                    view=self._view and self._view.view(export),
                    table=export.new_file(".csv") if self.TABLE in new else "",
                    report=new.get(self.REPORT, ""),
                )
                numbers = run_job(job, feedback)["numbers"]
                if job.table:
                    write_table(job.table, new[self.TABLE], paths[self.TABLE], self._translated.crs, feedback)
        return {**existing_numbers(numbers), **paths}
