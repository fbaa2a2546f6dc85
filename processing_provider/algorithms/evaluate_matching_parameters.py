"""What `sarbridge:evaluatematching` asks and gives: parameters, outputs and their help."""

from typing import Any, Optional

from qgis.core import QgsProcessing, QgsProcessingParameterCrs, QgsProcessingParameterFeatureSource

from ...contract.match_evaluation_jobs import LARGEST_PLANTED
from ...contract.matching_jobs import LARGEST_SHIFT, METHODS, SAR_UNITS
from ..algorithm import SarbridgeAlgorithm
from ..outputs.destinations import add_report, add_vector_output
from ..outputs.number_outputs import add_numbers
from ..parameters.affine_transform import add_transform
from ..parameters.choice import add_choice
from ..parameters.device import add_device
from ..parameters.layers import add_band, add_raster
from ..parameters.matching_model import add_matching_model
from ..parameters.number import add_number

NUMBERS = {
    "COUNT": "Number of accepted points of which the truth is known",
    "WITHIN_1": "Accepted points within 1 working pixel (%)",
    "WITHIN_3": "Accepted points within 3 working pixels (%)",
    "MEAN_ERROR": "Mean error (working pixels)",
    "MEDIAN_ERROR": "Median error (working pixels)",
    "MAP": "mAP: mean spread of the errors below 1 to 32 (working pixels)",
    "MEAN_ERROR_M": "Mean error (m)",
    "MEDIAN_ERROR_M": "Median error (m)",
    "MEAN_EAST_M": "Mean error to the east (m)",
    "MEAN_NORTH_M": "Mean error to the north (m)",
    "SHARE_KEPT": "Accepted points of all places that were tried (%)",
    "WITHIN_1_ALL": "All matches, rejected ones included, within 1 working pixel (%)",
    "WITHIN_1_SIGMA": "Accepted points off by less than their predicted error (%)",
    "WITHIN_2_SIGMA": "Accepted points off by less than twice their predicted error (%)",
}
"""The numbers the algorithm gives; those without a meaning are left out."""


class EvaluateMatchingParameters(SarbridgeAlgorithm):
    """Parameters and outputs of `evaluatematching`. Keys never change once released."""

    TITLE = "Evaluate matching"
    SUMMARY = (
        "Says how right tie points are: those of a layer, or those that a method finds in a SAR and an optical layer."
        " What is true is a known transform or check points. With neither, the two layers are taken as aligned, and"
        " known offsets are planted, which the method must find. The share within 1 and 3 pixels, the mean error, mAP"
        " and the share kept are those of Hughes 2020."
    )
    TAGS = (
        *("tie points", "image matching", "quality", "accuracy", "validation", "error", "check points", "benchmark"),
        *("ground truth", "rmse", "residuals", "compare methods"),
    )
    LIKELY = {"POINTS": "TIE_POINTS"}

    POINTS, SAR, SAR_BAND, SAR_UNIT = "POINTS", "SAR", "SAR_BAND", "SAR_UNIT"
    OPTICAL, OPTICAL_BANDS, METHOD = "OPTICAL", "OPTICAL_BANDS", "METHOD"
    MAX_SHIFT, SPACING = "MAX_SHIFT", "SPACING"
    TRUE_TRANSFORM, CHECK_POINTS, CHECK_DISTANCE = "TRUE_TRANSFORM", "CHECK_POINTS", "CHECK_DISTANCE"
    OPTICAL_CRS, PIXEL_SIZE = "OPTICAL_CRS", "PIXEL_SIZE"
    TABLE, REPORT = "TABLE", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_points(
            self.POINTS,
            "Tie points",
            "What is judged: points that lie where they were found in the SAR image, with their optical position in the"
            " fields opt_x and opt_y, as Match tie points writes them; keep the rejected points there if the share kept"
            " is wanted. Empty: what a method finds in the SAR layer and the optical layer below.",
        )
        self._add_truth()
        self._add_matching()
        self._add_details()
        add_vector_output(
            self,
            self.TABLE,
            "Table of errors",
            "A point for each match of which the truth is known, rejected ones included, with its true position and its"
            " error in metres and working pixels (.gpkg or .csv).",
            QgsProcessing.SourceType.TypeVectorPoint,
            optional=True,
        )
        add_report(self, self.REPORT, "A page with the scores, the distribution of the errors and a map of them.")
        add_numbers(self, NUMBERS)

    def _add_points(self, key, title, help_text):
        points = [QgsProcessing.SourceType.TypeVectorPoint]
        definition = QgsProcessingParameterFeatureSource(key, self.tr(title), points, optional=True)
        self.add_parameter(definition, help_text)

    def _add_truth(self):
        add_transform(
            self,
            self.TRUE_TRANSFORM,
            "True transform (optical to SAR)",
            "Where optical positions truly lie in the SAR image, in map units of the coordinate reference system of the"
            " tie points, or of the SAR layer. An optical image that was moved by 30 m east and 20 m south is moved"
            " back by -30, 20.",
        )
        self._add_points(
            self.CHECK_POINTS,
            "Check points (instead of a true transform)",
            "Points that lie where they truly are in the SAR image, with their optical position in opt_x and opt_y; a"
            " layer of tie points that were corrected by hand, for instance.",
        )

    def _add_matching(self):
        add_raster(
            self,
            self.SAR,
            "SAR layer (instead of tie points)",
            "The radar image, on a map. Without a true transform and check points it and the optical layer must be"
            " aligned.",
            optional=True,
        )
        add_band(self, self.SAR_BAND, "Band of the SAR layer", "Empty: the first band.", self.SAR)
        add_choice(self, self.SAR_UNIT, "Unit of the SAR values", SAR_UNITS, "What the numbers in the SAR layer are.")
        add_raster(
            self,
            self.OPTICAL,
            "Optical layer (instead of tie points)",
            "The optical image that is matched with the SAR layer.",
            optional=True,
        )
        add_band(
            self,
            self.OPTICAL_BANDS,
            "Bands of the optical layer",
            "Their mean is matched. Empty: the first three bands, or the first where there are fewer.",
            self.OPTICAL,
            several=True,
        )
        add_choice(
            self, self.METHOD, "Method", METHODS, "What matches the two layers; not used where tie points are given."
        )
        add_matching_model(self)
        add_number(
            self,
            self.MAX_SHIFT,
            "Largest shift (working pixels)",
            f"Offsets that are planted are smaller than this, up to {LARGEST_PLANTED}, and looked for as far. With a"
            " true transform or check points: as in Match tie points, how far the layers may be off.",
            default=32,
            bounds=(4, LARGEST_SHIFT),
            integer=True,
        )
        add_number(
            self,
            self.SPACING,
            "Spacing of the points (working pixels)",
            "One match is tried in each square of this size.",
            default=64,
            bounds=(8, 1024),
            integer=True,
        )

    def _add_details(self):
        add_number(
            self,
            self.CHECK_DISTANCE,
            "Largest distance to a check point (working pixels)",
            "A tie point is compared with the shift of the nearest check point, if the optical positions of both lie so"
            " near to each other.",
            default=1,
            bounds=(0, 1024),
            advanced=True,
        )
        self.add_parameter(
            QgsProcessingParameterCrs(
                self.OPTICAL_CRS, self.tr("Coordinate reference system of the optical positions"), optional=True
            ),
            "The system of opt_x and opt_y. Empty: the one that the points name in opt_crs, else that of the points.",
            advanced=True,
        )
        add_number(
            self,
            self.PIXEL_SIZE,
            "Working pixel size (m)",
            "In which errors are counted. Empty: that in which the points were matched, and of two layers the coarser"
            " one's.",
            bounds=(0, None),
            advanced=True,
        )
        add_device(self)
