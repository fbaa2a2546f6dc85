"""`sarbridge:extractbuildings`: the footprints of the buildings that a SAR layer shows."""

from dataclasses import replace
from typing import Any, Optional

from qgis.core import QgsProcessing, QgsProcessingContext, QgsProcessingFeedback, QgsWkbTypes

from ...contract.buildings_jobs import REGULARISATIONS, ExtractBuildingsJob
from ..algorithm import BUILDINGS, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..inputs.layers import MARGIN
from ..outputs import styles
from ..outputs.building_layer import found_building_fields, found_buildings
from ..outputs.destinations import (
    GEOTIFF,
    HTML,
    add_raster_output,
    add_report,
    add_vector_output,
    finished_outputs,
)
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..outputs.vector_output import LONG_NAMES, check_crs, write_vector
from ..parameters.choice import add_choice
from ..parameters.device import add_device, chosen_device
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.extent import add_extent, extent_of_image
from ..parameters.model_parameters import add_model_parameters, chosen_model, is_for_complex_images
from ..parameters.number import add_number, number
from ..parameters.sar_bands_parameters import SAR, SAR_UNIT, SarBandsInput, add_sar_bands
from ..parameters.sar_view_parameters import INCIDENCE, add_direction_parameters, add_known_incidence, look_direction
from ..parameters.tile_parameters import BATCH_SIZE, TILE, add_batch_size, add_tile

TASK = "buildings"
"""What the cards of its models call it."""

NUMBERS = {
    "BUILDING_COUNT": "Number of footprints",
    "BUILT_AREA": "Area of the footprints (m²; in radar geometry pixels)",
    "BUILT_SHARE": "Built-up pixels (% of those with data)",
    "MEAN_SCORE": "Mean score of the footprints (0..1)",
}
"""The numbers the algorithm gives besides its layers; the last is left out where there is no footprint."""


class ExtractBuildings(SarbridgeAlgorithm):
    """Layer → job → engine → footprints, mask, probability, report and numbers."""

    TITLE = "Extract buildings from SAR"
    GROUP = BUILDINGS
    SUMMARY = (
        "Finds the buildings that a SAR layer shows, for places after a flood or an earthquake, at night or under"
        " clouds: a trained network gives each pixel a probability, of which footprints and a mask are made. Layers may"
        " be of any size and on any grid; no footprint is cut where tiles meet. A radar image shows buildings moved"
        " towards the sensor, so say where the radar looks if you know it; otherwise the image tells it, where the"
        " model can find it. Models for pixels of about 10 m, such as"
        " those of Sentinel-1, tell built-up areas and not single buildings. Models for complex images (MERLIN-Seg)"
        " see single-look complex layers as the sensor delivers them."
    )
    TAGS = (
        *(
            "buildings",
            "building extraction",
            "footprints",
            "houses",
            "built-up",
            "urban",
            "settlement",
            "segmentation",
        ),
        *("damage", "disaster", "flood", "earthquake", "deep learning", "x-band", "spacenet", "polygons", "unet"),
        *("complex", "slc", "merlin", "merlin-seg"),
    )
    LIKELY = {SAR: "SAR"}

    THRESHOLD, MIN_AREA, REGULARISE = "THRESHOLD", "MIN_AREA", "REGULARISE"
    FOOTPRINTS, MASK, PROBABILITY, REPORT = "FOOTPRINTS", "MASK", "PROBABILITY", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_inputs()
        self._add_extraction()
        self._add_outputs()

    def _add_inputs(self):
        add_sar_bands(
            self,
            "The radar image, detected or complex, on a map. A model for complex images (MERLIN-Seg) takes single-look"
            " complex ones, in radar geometry too, for which they need no coordinate reference system.",
            "One for each polarisation; the plugin's own network sees their mean, others those that they have learnt"
            " from. Empty: the bands that are called by a polarisation, or the first band. For a model for complex"
            " images, one complex band, or two with real and imaginary part; empty: all.",
        )
        add_direction_parameters(self, "; optional")
        add_known_incidence(self)
        add_extent(
            self,
            "The part to look at. Empty: the whole SAR layer. Of a layer in radar geometry it counts in columns and"
            " rows, which are below zero as QGIS shows them: 0,500,-300,0 are 500 columns of the first 300 rows.",
        )

    def _add_extraction(self):
        add_model_parameters(self, TASK)
        add_number(
            self,
            self.THRESHOLD,
            "Threshold (probability; optional)",
            "Pixels of this probability or more are built up: a lower one finds more, and more that is none. Empty:"
            " that of the model's card.",
            bounds=(0, 1),
        )
        add_number(
            self,
            self.MIN_AREA,
            "Smallest area (m²)",
            "Buildings whose pixels cover less are left out, in the mask as well. In radar geometry, where nobody knows"
            " how large pixels are, it counts in pixels.",
            default=10.0,
            bounds=(0, 1e9),
        )
        add_choice(
            self,
            self.REGULARISE,
            "Outlines",
            REGULARISATIONS,
            "Along the pixels, or simplified by a pixel, so that corners of pixels vanish and walls become straighter.",
        )
        add_tile(self)
        add_batch_size(self)
        add_device(self)

    def _add_outputs(self):
        add_vector_output(
            self,
            self.FOOTPRINTS,
            "Footprints",
            "Polygons in the CRS of the SAR layer (.gpkg, .geojson or .fgb; a Shapefile would cut the names of fields)"
            " with their area and perimeter on the ground, the mean probability inside as score, length over width, and"
            " the direction of the length in degrees from true north. In radar geometry they have no CRS and lie over"
            " the image as QGIS shows one without a place: x is the column and y the row below zero; areas and lengths"
            " are in pixels, and directions from the top of the image.",
            QgsProcessing.SourceType.TypeVectorPolygon,
        )
        add_raster_output(
            self,
            self.MASK,
            "Building mask",
            "1 where it is built up, 0 elsewhere, on the grid of the SAR layer (.tif); 255 is no data. Control points"
            " and polynomials of a layer in radar geometry are kept.",
        )
        add_raster_output(
            self,
            self.PROBABILITY,
            "Probability",
            "Probability of a building on the same grid (.tif), 0 to 1.",
            optional=True,
        )
        add_report(
            self,
            self.REPORT,
            "A page with the footprints over the SAR image, their areas, what the model reaches and where it fails, and"
            " all settings.",
        )
        add_numbers(self, NUMBERS)

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        model = chosen_model(self, parameters, context, TASK)
        self._sar = SarBandsInput(self, parameters, context, feedback, is_for_complex_images(model))
        refuse_same_pixels(self, self._sar.layers)
        self._extent = extent_of_image(self, parameters, context, self._sar.layers[SAR])
        if self._extent.areas and not self._sar.is_file:
            feedback.pushWarning(
                f"Layer '{self._sar.described.name}' is no file, so that only the extent and {MARGIN} pixels around it"
                " are read, and decide on what is bright and what is dark: save the layer as GeoTIFF first where"
                " several extents are to fit together."
            )
        self._job = ExtractBuildingsJob(
            sar=self._sar.described,
            model=model,
            footprints="of the export",
            mask="of the destination",
            polarisations=self._sar.polarisations,
            sar_unit=self.parameterAsString(parameters, SAR_UNIT, context),
            look_azimuth=look_direction(self, parameters, context),
            incidence=number(self, parameters, INCIDENCE, context),
            threshold=number(self, parameters, self.THRESHOLD, context),
            min_area=self.parameterAsDouble(parameters, self.MIN_AREA, context),
            regularise=self.parameterAsString(parameters, self.REGULARISE, context),
            extent=self._extent.corners,
            tile=self.parameterAsInt(parameters, TILE, context),
            batch_size=self.parameterAsInt(parameters, BATCH_SIZE, context),
            device=chosen_device(self, parameters, context),
        )

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        rasters = {self.MASK: styles.BUILDING_MASK, self.PROBABILITY: styles.BUILDING_PROBABILITY}
        suffixes = {self.FOOTPRINTS: LONG_NAMES, **dict.fromkeys(rasters, GEOTIFF), self.REPORT: HTML}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            footprints = paths[self.FOOTPRINTS]
            check_crs(footprints, self._sar.crs, self._sar.described.name, self._sar.extent.center())
            areas = [(self._sar.extent, self._sar.crs), *self._extent.areas]
            with temporary_export(context, feedback, areas) as export:
                job = self._job_with_pixels(new, export)
                numbers = run_job(job, feedback)["numbers"]
                write_vector(
                    new[self.FOOTPRINTS],
                    footprints,
                    found_building_fields(),
                    QgsWkbTypes.Type.Polygon,
                    self._sar.crs,
                    found_buildings(job.footprints),
                    context.transformContext(),
                )
            styles.style_file(new[self.FOOTPRINTS], footprints, styles.FOOTPRINTS, context)
            for key in paths.keys() & rasters.keys():
                styles.style_file(new[key], paths[key], rasters[key], context, below=footprints)
        return {**existing_numbers(numbers), **paths}

    def _job_with_pixels(self, new, export):
        """Return the job with layers that the engine can open, and what it writes."""
        return replace(
            self._job,
            sar=self._sar.source(export),
            footprints=export.new_file(".jsonl"),
            mask=new[self.MASK],
            probability=new.get(self.PROBABILITY, ""),
            report=new.get(self.REPORT, ""),
        )
