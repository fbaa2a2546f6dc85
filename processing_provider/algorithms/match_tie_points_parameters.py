"""What `sarbridge:matchtiepoints` asks and gives: parameters, outputs and their help."""

from typing import Any, Optional

from qgis.core import QgsProcessing, QgsProcessingParameterBoolean

from ...contract.matching_jobs import CANDIDATES, LARGEST_SHIFT, METHODS, OUTLIER_TESTS, SAR_UNITS
from ..algorithm import SarbridgeAlgorithm
from ..outputs.destinations import add_file_output, add_report, add_vector_output
from ..outputs.number_outputs import add_numbers
from ..outputs.vector_output import DRIVERS
from ..parameters.choice import add_choice
from ..parameters.device import add_device
from ..parameters.extent import add_extent
from ..parameters.layers import add_band, add_raster
from ..parameters.matching_model import add_matching_model
from ..parameters.number import add_number
from ..parameters.polygon_layers import add_area
from .match_tie_points_thresholds import THRESHOLDS, add_thresholds

NUMBERS = {
    "POINT_COUNT": "Number of candidates, rejected ones included",
    "ACCEPTED_COUNT": "Number of accepted points",
    "MEAN_SHIFT_X": "Mean shift to the east (m)",
    "MEAN_SHIFT_Y": "Mean shift to the north (m)",
    "STD_X": "Standard deviation of the shift to the east (m)",
    "STD_Y": "Standard deviation of the shift to the north (m)",
    "RMSE": "Root mean square error (m)",
    "MEAN_SHIFT_X_PX": "Mean shift to the right (working pixels)",
    "MEAN_SHIFT_Y_PX": "Mean shift downwards (working pixels)",
    "STD_X_PX": "Standard deviation of the shift to the right (working pixels)",
    "STD_Y_PX": "Standard deviation of the shift downwards (working pixels)",
    "RMSE_PX": "Root mean square error (working pixels)",
    "SIGMA_SCALE": "What the scatter of the points multiplied their predicted errors by",
}
"""The numbers the algorithm gives besides its layers; those that no point could tell are left out of the results."""


class MatchTiePointsParameters(SarbridgeAlgorithm):
    """Parameters and outputs of `matchtiepoints`. Keys never change once released."""

    TITLE = "Match tie points (SAR – optical)"
    SUMMARY = (
        "Finds points that show the same spot on the ground in a SAR layer and in an optical layer of the same area,"
        " and says for each how far the optical image is off. The layers may differ in pixel size and coordinate"
        " reference system and may be off by up to the largest shift (MAX_SHIFT). Feed the points to Co-register to lay"
        " one image over the other."
    )
    TAGS = (
        *("tie points", "ground control points", "gcp", "image matching", "feature matching", "image registration"),
        *("co-registration", "coregistration", "georeference", "georeferencing", "geolocation", "shift", "offset"),
        *("align", "optical", "sentinel", "sentinel-1", "sentinel-2", "template matching", "correlation"),
    )
    LIKELY = {"SAR": "SAR", "OPTICAL": "OPTICAL"}

    SAR, OPTICAL, SAR_OTHER, SAR_OTHER_BAND = "SAR", "OPTICAL", "SAR_OTHER", "SAR_OTHER_BAND"
    SAR_BAND, OPTICAL_BANDS, SAR_UNIT = "SAR_BAND", "OPTICAL_BANDS", "SAR_UNIT"
    METHOD, VISIBILITY = "METHOD", "VISIBILITY"
    MAX_SHIFT, SPACING, CANDIDATES, TRANSFORM = "MAX_SHIFT", "SPACING", "CANDIDATES", "TRANSFORM"
    GOODNESS_THRESHOLD, ORN_THRESHOLD, MAX_SIGMA, KEEP_REJECTED = *THRESHOLDS, "KEEP_REJECTED"
    PIXEL_SIZE, BATCH_SIZE = "PIXEL_SIZE", "BATCH_SIZE"
    TIE_POINTS, VECTORS, GCP_POINTS, REPORT = "TIE_POINTS", "VECTORS", "GCP_POINTS", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_inputs()
        self._add_matching()
        self._add_outputs()

    def _add_inputs(self):
        add_raster(
            self, self.SAR, "SAR layer", "The radar image, detected or complex, on a map (not in radar geometry)."
        )
        add_band(
            self,
            self.SAR_BAND,
            "Band of the SAR layer",
            "The polarisation to use where the layer has several. Empty: the first band.",
            self.SAR,
        )
        add_raster(
            self,
            self.SAR_OTHER,
            "SAR layer of another polarisation",
            "The same scene in a file of its own, VH beside VV for instance, on the same grid and in the same unit. The"
            " mean power of both is matched.",
            optional=True,
            advanced=True,
        )
        add_band(
            self,
            self.SAR_OTHER_BAND,
            "Band of the other SAR layer",
            "Empty: the first band.",
            self.SAR_OTHER,
            advanced=True,
        )
        add_choice(
            self,
            self.SAR_UNIT,
            "Unit of the SAR values",
            SAR_UNITS,
            "What the numbers in the layer are. What is told by the values is said in the log.",
        )
        add_raster(
            self, self.OPTICAL, "Optical layer", "The optical image whose position is compared with the SAR layer's."
        )
        add_band(
            self,
            self.OPTICAL_BANDS,
            "Bands of the optical layer",
            "Their mean is matched. Empty: the first three bands, or the first where there are fewer.",
            self.OPTICAL,
            several=True,
        )
        add_extent(
            self,
            "Where to look for points; empty: wherever the layers overlap. Numbers without a coordinate reference"
            " system are in the project's, or in the SAR layer's where there is no project.",
        )
        add_area(self, "Polygons, in any coordinate reference system, outside of which no points are looked for.")

    def _add_matching(self):
        add_choice(
            self,
            self.METHOD,
            "Method",
            METHODS,
            "CorrASL, PSiam and SSNet are networks of Hughes et al., DeepMatch of Merkle et al.: they are slower,"
            " PSiam by far and SSNet most, and find less; all but CorrASL need a model file that holds them."
            " Orientations of gradients need no model and come next to BridgeMatch; correlation and mutual information"
            " need none either and find far less.",
        )
        add_matching_model(self)
        add_number(
            self,
            self.MAX_SHIFT,
            "Largest shift of the whole image (working pixels)",
            "How far the layers may be off in their middle; rotation up to 10° and scale up to 10 % are found besides."
            " A working pixel is the coarser pixel of the two layers.",
            default=128,
            bounds=(4, LARGEST_SHIFT),
            integer=True,
        )
        add_choice(
            self,
            self.CANDIDATES,
            "Candidates",
            CANDIDATES,
            "Where a match is tried. Goodness networks tell where images promise one: both (fewer points), or one.",
            default="grid",
        )
        add_number(
            self,
            self.SPACING,
            "Spacing of the points (working pixels)",
            "One match is tried in each square of this size, so that points spread over the whole overlap.",
            default=64,
            bounds=(8, 1024),
            integer=True,
        )
        add_thresholds(self)
        add_choice(
            self,
            self.TRANSFORM,
            "Transform of the outlier test",
            OUTLIER_TESTS,
            "Points that contradict the one transform on which most points agree are rejected.",
            default="affine",
        )
        self.add_parameter(
            QgsProcessingParameterBoolean(self.KEEP_REJECTED, self.tr("Keep rejected points"), defaultValue=False),
            "Keeps every rejected candidate in the layers, with accepted = false and the reason.",
        )
        add_raster(
            self,
            self.VISIBILITY,
            "Joint map of visibility",
            "The joint map that Joint visibility wrote for these two images. Points are matched where it says jointly"
            " visible; other candidates are rejected.",
            optional=True,
            advanced=True,
        )
        add_number(
            self,
            self.PIXEL_SIZE,
            "Working pixel size (m)",
            "Both layers are brought to it before matching. Empty: the coarser of the two.",
            bounds=(0, None),
            advanced=True,
        )
        add_device(self)
        add_number(
            self,
            self.BATCH_SIZE,
            "Batch size",
            "Candidates matched at once: more need more memory, and are faster on a GPU. 0: 8 on a CPU and 32 on a"
            " GPU.",
            default=0,
            bounds=(0, 4096),
            integer=True,
            advanced=True,
        )

    def _add_outputs(self):
        kind = QgsProcessing.SourceType
        add_vector_output(
            self,
            self.TIE_POINTS,
            "Tie points",
            f"Points at their SAR position, in the SAR layer's coordinate reference system ({', '.join(DRIVERS)}).",
            kind.TypeVectorPoint,
        )
        add_vector_output(
            self,
            self.VECTORS,
            "Shift vectors",
            "Lines from the optical to the SAR position of each point.",
            kind.TypeVectorLine,
            optional=True,
        )
        self._add_gcp_points()
        add_report(
            self,
            self.REPORT,
            "A page with a map of the points, the shifts, checkerboards before and after, and all settings.",
        )
        add_numbers(self, NUMBERS)

    def _add_gcp_points(self):
        add_file_output(
            self,
            self.GCP_POINTS,
            "Points for the Georeferencer",
            "The accepted points as ground control points of the optical layer.",
            "Georeferencer points (*.points)",
        )
