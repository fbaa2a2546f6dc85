"""What `sarbridge:simulatescene` asks and gives: parameters, outputs and their help."""

from typing import Any, Optional

from qgis.core import QgsProcessing, QgsProcessingParameterEnum

from ...contract.landscapes import LANDSCAPES
from ...contract.optical_presets import OPTICAL_PRESETS
from ...contract.simulation_jobs import FROM_SEED, LARGEST_SIDE, POLARISATIONS, SAR_PRESETS
from ..algorithm import SIMULATION, SarbridgeAlgorithm
from ..outputs.destinations import add_raster_output, add_vector_output
from ..outputs.number_outputs import add_numbers
from ..parameters.choice import add_choice
from ..parameters.device import add_device
from ..parameters.extent import add_extent
from ..parameters.layers import add_raster
from ..parameters.number import add_number
from ..parameters.optical_view_parameters import add_optical_view_parameters
from ..parameters.polygon_layers import add_footprints, add_height_field
from ..parameters.sar_view_parameters import add_look_parameters
from .sar_distortions import NUMBERS as ZONE_NUMBERS

NUMBERS = {
    **ZONE_NUMBERS,
    "MEAN_SHIFT_X": "Mean planted shift to the east (m)",
    "MEAN_SHIFT_Y": "Mean planted shift to the north (m)",
    "MEAN_SHIFT_X_PX": "Mean planted shift to the right (pixels)",
    "MEAN_SHIFT_Y_PX": "Mean planted shift downwards (pixels)",
}
"""The numbers the algorithm gives besides its layers."""

OUTPUTS = {
    "SAR": (
        "SAR image",
        "sar",
        "Sigma nought in dB, terrain-corrected with the bare ground's heights, one band a polarisation.",
    ),
    "OPTICAL": (
        "Optical image",
        "optical",
        "Reflectance times 10,000, as in Sentinel-2's products; 0 is no data. Orthorectified, and misplaced if asked.",
    ),
    "DEM_OUT": ("Terrain (DEM)", "dem", "Heights of the bare ground in metres."),
    "DSM_OUT": ("Surface (DSM)", "dsm", "Heights in metres of what is seen from above."),
    "BUILDINGS": ("Building mask", "buildings", "1 on roofs, 0 elsewhere."),
    "ZONES": ("Distortion zones", "zones", "The mask of SAR distortion zones, for the radar's look at the surface."),
    "POSITIONS": (
        "Positions",
        "positions",
        "Where each ground cell appears: column and row in the SAR image, column and row in the optical image"
        " (pixels, 0 at the outer edge of the first), and line and sample in the images in radar geometry if those are"
        " written too.",
    ),
    "TRUTH": (
        "Planted shift",
        "truth",
        "For each pixel of the optical image what must be added to its position to land on the SAR position: dx to the"
        " right and dy down, in pixels.",
    ),
    "SLC": (
        "Single-look complex image",
        "slc",
        "One look, complex, in radar geometry: lines of the flight down, slant range to the right. For scenes of at"
        " most 2048 cells on a side.",
    ),
    "GROUND_RANGE": (
        "SAR image in ground range",
        "ground_range",
        "All looks, in dB, before terrain correction; on the pixels of the complex image.",
    ),
}
"""Key: title, name of the job's output, help; the first two are always written."""


class SimulateSceneParameters(SarbridgeAlgorithm):
    """Parameters and outputs of `simulatescene`. Keys never change once released."""

    TITLE = "Simulate scene (SAR + optical)"
    GROUP = SIMULATION
    SUMMARY = (
        "Simulates what a radar and a camera see of the same place, with all that is known about it: heights,"
        " buildings, distortion zones, the position of every cell in both images, and a misplacement of the optical"
        " image that you choose. The place is invented from a seed, or comes from your layers: a surface model, or a"
        " terrain model and building footprints with heights. Use it to try what matching and co-registration can"
        " reach, and as training data with exact labels."
    )
    TAGS = (
        *("simulation", "simulator", "synthetic", "speckle", "training data", "dsm", "city", "landscape", "test data"),
        *("sentinel", "sentinel-1", "sentinel-2", "terrasar-x", "optical", "sample", "example"),
    )

    SEED, SIZE, LANDSCAPE = "SEED", "SIZE", "LANDSCAPE"
    DSM, DTM = "DSM", "DTM"
    SAR_PRESET, POLARISATIONS, OPTICAL_PRESET = "SAR_PRESET", "POLARISATIONS", "OPTICAL_PRESET"
    SHIFT_RIGHT, SHIFT_DOWN, ROTATION, SCALE, WAVES = "SHIFT_RIGHT", "SHIFT_DOWN", "ROTATION", "SCALE", "WAVES"
    SAR, OPTICAL, ZONES, FOOTPRINTS_OUT = "SAR", "OPTICAL", "ZONES", "FOOTPRINTS_OUT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_place()
        self._add_radar()
        self._add_camera()
        self._add_misplacement()
        add_device(self)
        self._add_outputs()

    def _add_place(self):
        add_number(
            self,
            self.SEED,
            "Seed",
            "The same seed gives the same invented place, and the same colours, speckle and noise, each time.",
            default=1,
            bounds=(0, 2**31 - 1),
            integer=True,
        )
        add_number(
            self,
            self.SIZE,
            "Size of an invented scene (pixels)",
            "Width and height, in pixels of the optical sensor. Without meaning when an elevation layer or an extent is"
            " given.",
            default=512,
            bounds=(16, LARGEST_SIDE),
            integer=True,
        )
        add_choice(
            self,
            self.LANDSCAPE,
            "Landscape of an invented scene",
            (FROM_SEED, *LANDSCAPES),
            "What the place is like. Without meaning when an elevation layer is given.",
        )
        add_extent(
            self,
            "The part of the elevation layer to simulate (empty: all of it), or where an invented scene lies, which"
            f" fills it with at most {LARGEST_SIDE} pixels on a side (empty: somewhere in UTM zone 33).",
        )
        add_raster(
            self,
            self.DSM,
            "Elevation layer (DSM or DEM)",
            "Heights in metres of what is seen from above, or, with footprints, of the bare ground. Empty: the place is"
            " invented. What is higher than the terrain becomes roof where it is even, else trees; level ground becomes"
            " water.",
            optional=True,
        )
        add_raster(
            self,
            self.DTM,
            "Terrain model (DTM)",
            "Heights in metres of the bare ground, to go with a surface model. Empty: the elevation layer is bare"
            " ground.",
            optional=True,
        )
        add_footprints(
            self,
            "Polygons, in any coordinate reference system, that become buildings with level roofs on the elevation"
            " layer, which they need.",
        )
        add_height_field(
            self,
            "required with building footprints",
            "Field of the footprints that holds the heights of the buildings above the ground, in metres.",
        )

    def _add_radar(self):
        add_choice(
            self,
            self.SAR_PRESET,
            "Radar",
            SAR_PRESETS,
            "Resolution, pixels, looks, noise and accuracy of a product: Sentinel-1 IW ground range or single-look"
            " complex, TerraSAR-X Stripmap, or an X-band radar of half a metre. Choose one about as fine as the camera,"
            " on whose pixels the SAR image is laid.",
        )
        self.add_parameter(
            QgsProcessingParameterEnum(
                self.POLARISATIONS,
                self.tr("Polarisations"),
                POLARISATIONS,
                True,
                ["VV", "VH"],
                usesStaticStrings=True,
            ),
            "Each becomes a band of the SAR image, in this order.",
        )
        add_look_parameters(self, heading=348.0)

    def _add_camera(self):
        add_choice(
            self,
            self.OPTICAL_PRESET,
            "Camera",
            {name: preset.title for name, preset in OPTICAL_PRESETS.items()},
            "Pixels, bands, sharpness and noise: Sentinel-2 (10 m), a panchromatic camera of 2.5 m, or colours at half"
            " a metre. Its pixels are those of both images.",
        )
        add_optical_view_parameters(self, off_nadir=5.0, view_azimuth=100.0, sun=(150.0, 45.0))

    def _add_misplacement(self):
        for key, title, bounds, help_text in (
            (
                self.SHIFT_RIGHT,
                "Misplacement: shift to the right (pixels)",
                (-256, 256),
                "What must be added to a position in the optical image to land on the SAR position, as Match tie points"
                " reports it.",
            ),
            (
                self.SHIFT_DOWN,
                "Misplacement: shift downwards (pixels)",
                (-256, 256),
                "The same for the vertical direction: positive when the optical image lies too high.",
            ),
            (
                self.ROTATION,
                "Misplacement: rotation (degrees)",
                (-45, 45),
                "By how much the optical image is turned clockwise about its middle.",
            ),
            (
                self.SCALE,
                "Misplacement: scale (percent)",
                (-20, 20),
                "By how much the optical image is enlarged about its middle.",
            ),
            (
                self.WAVES,
                "Misplacement: largest shift by waves (pixels)",
                (0, 64),
                "How far a smooth field that waves over the image moves it at most, beside the rest.",
            ),
        ):
            is_advanced = key in (self.ROTATION, self.SCALE, self.WAVES)
            add_number(self, key, title, help_text, 0, bounds, advanced=is_advanced)

    def _add_outputs(self):
        for key, (title, _, help_text) in OUTPUTS.items():
            add_raster_output(self, key, title, f"{help_text} (.tif)", optional=key not in (self.SAR, self.OPTICAL))
        add_vector_output(
            self,
            self.FOOTPRINTS_OUT,
            "Buildings",
            "The outlines of the buildings, with their heights above the ground in metres.",
            QgsProcessing.SourceType.TypeVectorPolygon,
            optional=True,
        )
        add_numbers(self, NUMBERS)
