"""What `sarbridge:matchtiepoints` asks and gives: parameters, outputs and their help."""

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
)

from ...contract.matching_jobs import CANDIDATES, METHODS, OUTLIER_TESTS, SAR_UNITS
from ...models.card import list_models
from .. import settings
from ..algorithm import SarbridgeAlgorithm
from ..outputs.vector_output import DRIVERS

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
}
"""The numbers the algorithm gives besides its layers; those that no point could tell are left out of the results."""


class MatchTiePointsParameters(SarbridgeAlgorithm):
    """Parameters and outputs of `matchtiepoints`. Keys never change once released."""

    TITLE = "Match tie points (SAR – optical)"
    SUMMARY = (
        "Finds points that show the same spot on the ground in a SAR layer and in an optical layer of the same area,"
        " and says for each how far the optical image is off. The layers may differ in pixel size and coordinate"
        " reference system and may be off by up to MAX_SHIFT working pixels. Feed the points to Co-register to lay one"
        " image over the other."
    )
    TAGS = ("tie points", "ground control points", "gcp", "matching", "registration", "georeferencing", "shift")

    SAR, OPTICAL = "SAR", "OPTICAL"
    SAR_BAND, OPTICAL_BANDS, SAR_UNIT = "SAR_BAND", "OPTICAL_BANDS", "SAR_UNIT"
    EXTENT, METHOD, MODEL, MODEL_FILE = "EXTENT", "METHOD", "MODEL", "MODEL_FILE"
    MAX_SHIFT, SPACING, CANDIDATES, TRANSFORM = "MAX_SHIFT", "SPACING", "CANDIDATES", "TRANSFORM"
    VISIBILITY = "VISIBILITY"
    GOODNESS_THRESHOLD, ORN_THRESHOLD, KEEP_REJECTED = "GOODNESS_THRESHOLD", "ORN_THRESHOLD", "KEEP_REJECTED"
    PIXEL_SIZE, BATCH_SIZE = "PIXEL_SIZE", "BATCH_SIZE"
    TIE_POINTS, VECTORS, GCP_POINTS, REPORT = "TIE_POINTS", "VECTORS", "GCP_POINTS", "REPORT"

    def initAlgorithm(self, configuration=None):
        self._add_inputs()
        self._add_matching()
        self._add_outputs()

    def _add_inputs(self):
        self.add_parameter(
            QgsProcessingParameterRasterLayer(self.SAR, self.tr("SAR layer")),
            "The radar image, detected or complex, on a map (not in radar geometry).",
        )
        self.add_parameter(
            QgsProcessingParameterBand(self.SAR_BAND, self.tr("Band of the SAR layer"), 1, self.SAR, optional=True),
            "The polarisation to use where the layer has several. Empty: the first band.",
        )
        self.add_choice(
            self.SAR_UNIT,
            "Unit of the SAR values",
            SAR_UNITS,
            "complex, linear power, amplitude, dB, or a stretched 8-bit picture (display). auto decides by the values"
            " and says so in the log.",
        )
        self.add_parameter(
            QgsProcessingParameterRasterLayer(self.OPTICAL, self.tr("Optical layer")),
            "The optical image whose position is compared with the SAR layer's.",
        )
        self.add_parameter(
            QgsProcessingParameterBand(
                self.OPTICAL_BANDS, self.tr("Bands of the optical layer"), None, self.OPTICAL, True, True
            ),
            "Their mean is matched. Empty: the first three bands, or the first where there are fewer.",
        )
        self.add_parameter(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent"), optional=True),
            "Where to look for points; empty: wherever the layers overlap. Numbers without a coordinate reference"
            " system are in the project's, or in the SAR layer's where there is no project.",
        )

    def _add_matching(self):
        self.add_choice(
            self.METHOD,
            "Method",
            METHODS,
            "bridgematch: the plugin's own network. corrasl: the network of Hughes et al. as published; slower. ncc,"
            " mi: normalised cross-correlation and mutual information; they need no model and find far less.",
        )
        names = list(model_files())
        self.add_choice(
            self.MODEL,
            "Model",
            names,
            "The trained networks that come with the plugin and those in the folder named in the settings.",
            optional=True,
        )
        self.add_parameter(
            QgsProcessingParameterFile(
                self.MODEL_FILE, self.tr("Model file"), optional=True, fileFilter="SARbridge (*.safetensors)"
            ),
            "A model file of your own; it wins over the model chosen above.",
        )
        self._add_number(
            self.MAX_SHIFT,
            "Largest shift (working pixels)",
            "How far the layers may be off. A working pixel is the coarser pixel of the two layers.",
            default=32,
            bounds=(4, 256),
        )
        self.add_choice(
            self.CANDIDATES,
            "Candidates",
            CANDIDATES,
            "Where a match is tried: where the goodness networks trust both images (goodness_min: precise) or one of"
            " them (goodness_max: more points), on a regular grid, or at corners in the optical image.",
        )
        self._add_number(
            self.SPACING,
            "Spacing of the points (working pixels)",
            "One match is tried in each square of this size, so that points spread over the whole overlap.",
            default=64,
            bounds=(8, 1024),
        )
        card = " Empty: the operating point on the model's card."
        self._add_number(
            self.GOODNESS_THRESHOLD, "Goodness threshold", f"Candidates below it are rejected.{card}", bounds=(0, 1)
        )
        self._add_number(
            self.ORN_THRESHOLD,
            "Score threshold",
            "Matches are rejected when the outlier reduction network (ORN) gives them a lower probability." + card,
            bounds=(0, 1),
        )
        self.add_choice(
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
        self.add_parameter(
            QgsProcessingParameterRasterLayer(self.VISIBILITY, self.tr("Joint map of visibility"), optional=True),
            "The joint map that Joint visibility wrote for these two images. Points are matched where it says jointly"
            " visible; other candidates are rejected.",
            advanced=True,
        )
        self._add_number(
            self.PIXEL_SIZE,
            "Working pixel size (m)",
            "Both layers are brought to it before matching. Empty: the coarser of the two.",
            bounds=(0, None),
            advanced=True,
        )
        self.add_device_parameter()
        self._add_number(
            self.BATCH_SIZE,
            "Batch size",
            "Candidates matched at once: more is faster and needs more memory. 0: 32 at a largest shift of 32 pixels,"
            " fewer at larger ones.",
            default=0,
            bounds=(0, 4096),
            advanced=True,
        )

    def _add_outputs(self):
        kind = QgsProcessing.SourceType
        self.add_parameter(
            QgsProcessingParameterVectorDestination(self.TIE_POINTS, self.tr("Tie points"), kind.TypeVectorPoint),
            f"Points at their SAR position, in the SAR layer's coordinate reference system ({', '.join(DRIVERS)}).",
        )
        self.add_parameter(
            QgsProcessingParameterVectorDestination(
                self.VECTORS, self.tr("Shift vectors"), kind.TypeVectorLine, None, True, False
            ),
            "Lines from the optical to the SAR position of each point.",
        )
        for key, title, file_filter, help_text in (
            (
                self.GCP_POINTS,
                "Points for the Georeferencer",
                "Georeferencer points (*.points)",
                "The accepted points as ground control points of the optical layer.",
            ),
            (
                self.REPORT,
                "Report",
                "HTML files (*.html)",
                "A page with a map of the points, the shifts, checkerboards before and after, and all settings.",
            ),
        ):
            self.add_parameter(
                QgsProcessingParameterFileDestination(key, self.tr(title), self.tr(file_filter), None, True, False),
                help_text,
            )
        self.add_numbers(NUMBERS)

    def _add_number(self, key, title, help_text, default=None, bounds=(None, None), advanced=False):
        """Add an integer with its default, or an optional real number where there is no default."""
        kind = QgsProcessingParameterNumber.Type
        definition = QgsProcessingParameterNumber(
            key, self.tr(title), kind.Double if default is None else kind.Integer, default, default is None
        )
        lowest, highest = bounds
        definition.setMinimum(lowest)
        if highest is not None:
            definition.setMaximum(highest)
        self.add_parameter(definition, help_text, advanced)


def model_files():
    """Return {name on the card: path} of the models; the user's own wins over a shipped one of the same name."""
    folders = [folder for folder in (settings.shipped_model_folder(), settings.model_folder()) if folder]
    return {card.name: str(path) for folder in folders for path, card in list_models([folder], "match")}
