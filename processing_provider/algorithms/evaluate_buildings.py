"""`sarbridge:evaluatebuildings`: how many pixels and buildings of a prediction are those of a reference."""

from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingParameterField,
)

from ...contract.buildings_jobs import EvaluateBuildingsJob
from ..algorithm import BUILDINGS, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..inputs.footprint_file import write_scored_footprints
from ..outputs.destinations import HTML, add_report, add_vector_output, finished_outputs
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..outputs.table_file import TABLE_FORMATS, write_table
from ..parameters.building_layers import BuildingsInput, add_buildings
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.extent import add_extent, extent_in
from ..parameters.polygon_layers import add_area, area_source

NUMBERS = {
    "IOU": "Intersection over union of the pixels",
    "IOU_LOW": "Intersection over union of the pixels: lower end of its 95 % interval",
    "IOU_HIGH": "Intersection over union of the pixels: upper end of its 95 % interval",
    "F1": "F1 of the pixels",
    "ACCURACY": "Accuracy of the pixels",
    "PRECISION": "Precision of the pixels",
    "RECALL": "Recall of the pixels",
    "PIXELS": "Number of pixels",
    "BUILDING_PRECISION": "Precision of the buildings",
    "BUILDING_RECALL": "Recall of the buildings",
    "BUILDING_F1": "F1 of the buildings",
    "AP": "Average precision of the buildings",
    "MEAN_IOU": "Mean intersection over union of the buildings that were found",
    "HITS": "Number of buildings that were found",
    "MISSES": "Number of buildings that were missed",
    "FALSE_ALARMS": "Number of buildings that were predicted where none is",
}
"""The numbers the algorithm gives; those without a meaning, such as the recall where no building is, are left out."""

_SCORE = "score"


class EvaluateBuildings(SarbridgeAlgorithm):
    """Two layers of buildings, and where they count → job → engine → table, report and numbers."""

    TITLE = "Evaluate buildings"
    GROUP = BUILDINGS
    SUMMARY = (
        "Scores predicted buildings against a reference, each of them footprints or a mask: intersection over union"
        " (IoU), F1 and accuracy of the pixels, and precision, recall, F1 and average precision of the buildings, which"
        " are found where their outlines have an IoU of at least 0.5, by their size."
    )
    TAGS = (
        *("buildings", "footprints", "mask", "quality", "accuracy", "validation", "iou", "jaccard", "f1", "precision"),
        *("recall", "average precision", "confusion matrix", "segmentation", "compare", "benchmark"),
    )
    LIKELY = {"PREDICTED": "FOUND_BUILDINGS", "REFERENCE": "BUILDINGS"}

    PREDICTED, REFERENCE, SCORE_FIELD = "PREDICTED", "REFERENCE", "SCORE_FIELD"
    TABLE, REPORT = "TABLE", "REPORT"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        either = (
            "Footprints (polygons) or a mask, whose first band is 0 where no building is and has one other value, such"
            " as 1 or 255, where there is one; what is no data in it is not counted."
        )
        add_buildings(self, self.PREDICTED, "Predicted buildings", f"What is scored. {either}")
        add_buildings(
            self, self.REFERENCE, "Reference buildings", f"What is true, in any coordinate reference system. {either}"
        )
        add_area(
            self, "Only what lies in these polygons counts: where the reference is complete. Empty: see the extent."
        )
        add_extent(
            self,
            "Only what lies in it counts. Empty: all that masks cover; of two layers of footprints, all around both.",
        )
        numeric = QgsProcessingParameterField.DataType.Numeric
        self.add_parameter(
            QgsProcessingParameterField(
                self.SCORE_FIELD, self.tr("Field with scores"), None, self.PREDICTED, numeric, optional=True
            ),
            "How certain each predicted footprint is, the higher the more: the average precision ranks them by it."
            f" Empty: the field '{_SCORE}', where there is one; without scores it is that of one operating point.",
            advanced=True,
        )
        add_vector_output(
            self,
            self.TABLE,
            "Table of scores",
            "A row for all buildings, with the scores of the pixels, and one for each class of sizes, without geometry"
            " (.gpkg or .csv).",
            QgsProcessing.SourceType.TypeVector,
            optional=True,
        )
        add_report(self, self.REPORT, "A page with the scores, and maps of hits, misses and false alarms.")
        add_numbers(self, NUMBERS)

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._predicted, self._reference = (
            BuildingsInput(self, parameters, key, context) for key in (self.PREDICTED, self.REFERENCE)
        )
        refuse_same_pixels(self, {self.PREDICTED: self._predicted.mask, self.REFERENCE: self._reference.mask})
        self._area = area_source(self, parameters, context)
        self._extent = extent_in(self, parameters, context, self._predicted.crs)
        self._score_field = parameters.get(self.SCORE_FIELD, _SCORE)

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        suffixes = {self.TABLE: TABLE_FORMATS, self.REPORT: HTML}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            masks = [side.mask for side in (self._predicted, self._reference) if side.mask]
            areas = [*((mask.extent, mask.crs) for mask in masks), *self._extent.areas]
            with temporary_export(context, feedback, areas) as export:
                job = EvaluateBuildingsJob(
                    predicted=self._predicted.source(export, self._score_field),
                    reference=self._reference.source(export),
                    area=self._area and write_scored_footprints(self._area, "", export),
                    extent=self._extent.corners,
                    table=export.new_file(".csv") if self.TABLE in new else "",
                    report=new.get(self.REPORT, ""),
                )
                numbers = run_job(job, feedback)["numbers"]
                if job.table:
                    write_table(job.table, new[self.TABLE], paths[self.TABLE], self._predicted.crs, feedback)
        return {**existing_numbers(numbers), **paths}
