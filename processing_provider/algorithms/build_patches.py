"""`sarbridge:buildpatches`: aligned layers as a data set of patches, with an index and splits."""

from typing import Any, Optional

from qgis.core import (
    QgsProcessing,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputVectorLayer,
    QgsWkbTypes,
)

from ...contract.finished_file import temporary_path
from ...contract.full_disk import full_disk_in_words
from ...contract.training_jobs import BuildPatchesJob
from ..algorithm import TRANSLATION, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.export import temporary_export
from ..outputs import styles
from ..outputs.destinations import add_folder_output, folder_destination
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..outputs.patch_layer import patch_fields, patches
from ..outputs.vector_output import write_vector
from ..parameters.aligned_layers_parameters import (
    LIKELY,
    add_aligned_layers,
    add_patches,
    add_seed,
    aligned_layers,
)

INDEX, OUTLINES_FILE = "patches.csv", "patches.gpkg"

NUMBERS = {
    "PATCHES": "Number of patches",
    "TRAINING_PATCHES": "Number of training patches (split by place)",
    "VALIDATION_PATCHES": "Number of validation patches (split by place)",
}


class BuildPatches(SarbridgeAlgorithm):
    """Aligned layers → job → engine → a folder of patches, and their outlines."""

    TITLE = "Build patches"
    GROUP = TRANSLATION
    SUMMARY = (
        "Cuts a SAR layer and an optical layer of the same place, and heights where they are given, into a data set for"
        " training, after the recipe of SEN1-2: pairs of GeoTIFFs of 256 pixels every 128 pixels, without holes, clouds"
        " or seams. An index, as table and as layer of outlines, says where each patch lies and which part it belongs"
        " to, split by place and at random."
    )
    TAGS = (
        *(
            "patches",
            "tiles",
            "chips",
            "data set",
            "dataset",
            "training data",
            "sen1-2",
            "sen12",
            "split",
            "validation",
        ),
        *("deep learning", "translation", "optical", "sentinel", "sentinel-1", "sentinel-2"),
    )
    LIKELY = LIKELY

    FOLDER, OUTLINES = "FOLDER", "OUTLINES"

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        add_aligned_layers(self)
        add_patches(self)
        add_seed(self, "The same seed gives the same parts each time.")
        add_folder_output(
            self,
            self.FOLDER,
            "Folder of the data set",
            "A new or empty folder: sar, optical and dem hold a GeoTIFF a patch, patches.csv and patches.gpkg say where"
            " each lies and which part it belongs to.",
        )
        vector = QgsProcessing.SourceType.TypeVectorPolygon
        self.addOutput(QgsProcessingOutputVectorLayer(self.OUTLINES, self.tr("Outlines of the patches"), vector))
        add_numbers(self, NUMBERS)

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._layers = aligned_layers(self, parameters, context, feedback)

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        folder = folder_destination(self, parameters, self.FOLDER, context)
        path = str(folder / OUTLINES_FILE)
        with temporary_path(folder) as new:
            with full_disk_in_words([folder.parent]):
                with temporary_export(context, feedback) as export:
                    numbers = run_job(BuildPatchesJob(self._layers.source(export), str(new)), feedback)["numbers"]
                self._write_outlines(new, path, context)
            if folder.exists():
                folder.rmdir()  # it is empty: Windows renames nothing onto it
            new.rename(folder)
        return {**existing_numbers(numbers), self.FOLDER: str(folder), self.OUTLINES: path}

    def _write_outlines(self, new, path, context):
        """Write the outlines into the folder `new`, from where they come to `path`."""
        outlines, kind = new / OUTLINES_FILE, QgsWkbTypes.Type.Polygon
        features, transforms = patches(new / INDEX), context.transformContext()
        write_vector(outlines, path, patch_fields(), kind, self._layers.crs, features, transforms)
        if context.project():
            details = QgsProcessingContext.LayerDetails(self.tr("Patches"), context.project(), self.OUTLINES)
            context.addLayerToLoadOnCompletion(path, details)
        styles.style_file(str(outlines), path, styles.PATCHES, context)
