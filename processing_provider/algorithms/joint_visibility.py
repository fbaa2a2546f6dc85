"""`sarbridge:jointvisibility`: what a SAR and an optical image both see of a surface, as maps, shares and a table."""

import tempfile
from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
    QgsProcessingUtils,
)

from ...contract.finished_file import finished_files
from ...contract.geometry_jobs import JointVisibilityJob
from ..algorithm import SAR_GEOMETRY, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.footprint_raster import burn_footprints
from ..inputs.layers import corners, elevation_input
from ..outputs import styles
from ..outputs.destinations import GEOTIFF, HTML, destination
from ..outputs.table_file import TABLE_FORMATS, write_table
from ..parameters.footprint_layer import add_footprints_parameter, footprint_source
from ..parameters.optical_view_parameters import add_optical_view_parameters, optical_view
from ..parameters.sar_view_parameters import SarViewInput, add_sar_view_parameters

NUMBERS = {
    f"{image}_{kind}": f"{title}: {what} (%)"
    for image, title in (("SAR", "SAR image"), ("OPTICAL", "Optical image"), ("SCENE", "Scene"))
    for kind, what in (("NOT_VISIBLE", "not visible"), ("UNCERTAIN", "uncertain"), ("VISIBLE", "jointly visible"))
}
NUMBERS["CELL_COUNT"] = "Number of cells that are not no data"
"""Shares of the classes; those of an image that shows no cell are left out of the results."""


class JointVisibility(SarbridgeAlgorithm):
    """Layers and two views → job → engine → maps, shares, report and table."""

    TITLE = "Joint visibility (SAR – optical)"
    GROUP = SAR_GEOMETRY
    SUMMARY = (
        "Maps which places of a surface model a SAR and an optical image both show, which are uncertain (façades and"
        " what they lie over) and which one of the images does not show, and why: radar shadow or optical occlusion."
        " The images are described by their angles and not needed themselves. Give the joint map to Match tie points,"
        " and it accepts points in jointly visible places only."
    )
    TAGS = ("visibility", "occlusion", "shadow", "layover", "façade", "facade", "dsm", "optical", "city", "buildings")

    DSM, DTM, EXTENT = "DSM", "DTM", "EXTENT"
    OUTPUT, SAR_MAP, OPTICAL_MAP, REPORT, CELLS = "OUTPUT", "SAR_MAP", "OPTICAL_MAP", "REPORT", "CELLS"

    def initAlgorithm(self, configuration=None):
        self._add_surface()
        add_sar_view_parameters(self)
        add_optical_view_parameters(self, off_nadir=15.0, view_azimuth=0.0)
        self.add_device_parameter()
        self._add_outputs()

    def _add_surface(self):
        self.add_parameter(
            QgsProcessingParameterRasterLayer(self.DSM, self.tr("Surface model (DSM)")),
            "Heights in metres of what is seen from above: roofs, tree tops, else the ground. Cells must be small"
            " against buildings and their shadows: 0.5 to 2.5 m for cities.",
        )
        self.add_parameter(
            QgsProcessingParameterRasterLayer(self.DTM, self.tr("Terrain model (DTM)"), optional=True),
            "Heights in metres of the bare ground, of any resolution. With it, layover that the terrain alone would"
            " cause is not taken for that of façades, and façades are edges of what stands more than 2.5 m above it.",
        )
        add_footprints_parameter(
            self,
            "Polygons in any coordinate reference system. With them, only edges of buildings are façades, and the"
            " layover of trees is not that of façades.",
        )
        self.add_parameter(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent"), optional=True),
            "The part to map; what stands around it still casts its shadow into it. Empty: the whole surface model.",
        )

    def _add_outputs(self):
        for key, title, help_text in (
            (self.OUTPUT, "Joint map", "Both images together, on the grid of the surface model (.tif)."),
            (self.SAR_MAP, "Map of the SAR image", "What the optical image lacks of it, and façade layover (.tif)."),
            (self.OPTICAL_MAP, "Map of the optical image", "What the SAR image lacks of it, and façades (.tif)."),
        ):
            self.add_raster_output(key, title, help_text, optional=key != self.OUTPUT)
        self.add_parameter(
            QgsProcessingParameterFileDestination(
                self.REPORT, self.tr("Report"), self.tr("HTML files (*.html)"), None, True, False
            ),
            "A page with the three maps, their shares beside those published for Munich, and what the classes mean.",
        )
        point = QgsProcessing.SourceType.TypeVectorPoint
        self.add_parameter(
            QgsProcessingParameterVectorDestination(self.CELLS, self.tr("Table of cells"), point, None, True, False),
            "A point for each cell with its position in both images and what hides it (.gpkg or .csv), for at most two"
            " million cells: choose an extent in a large surface model.",
        )
        self.add_numbers(NUMBERS)

    @one_sentence
    def prepareAlgorithm(self, parameters, context, feedback):
        self._dsm, self._dtm = (elevation_input(self, parameters, key, context) for key in (self.DSM, self.DTM))
        self._footprints = footprint_source(self, parameters, context)
        self._extent = self.parameterAsExtent(parameters, self.EXTENT, context, self._dsm.crs)
        self._sar = SarViewInput(self, parameters, context)
        self._optical = optical_view(self, parameters, context)
        self._device = self.chosen_device(parameters, context)
        return True

    @one_sentence
    def processAlgorithm(self, parameters, context, feedback):
        suffixes = {
            **dict.fromkeys((self.OUTPUT, self.SAR_MAP, self.OPTICAL_MAP), GEOTIFF),
            self.REPORT: HTML,
            self.CELLS: TABLE_FORMATS,
        }
        paths = {key: destination(self, parameters, key, context, allowed) for key, allowed in suffixes.items()}
        paths = {key: path for key, path in paths.items() if path}
        with finished_files(paths.values()) as temporaries:
            new = dict(zip(paths, temporaries))
            numbers = self._map(new, context, feedback)
            for key in paths.keys() & {self.OUTPUT, self.SAR_MAP, self.OPTICAL_MAP}:
                styles.style_raster(new[key], paths[key], styles.JOINT_VISIBILITY, context)
        return {**{key: value for key, value in numbers.items() if value is not None}, **paths}

    def _map(self, outputs, context, feedback):
        """Have the engine write `outputs`, paths by key; return its numbers."""
        part = () if self._extent.isNull() else ((self._extent, self._dsm.crs),)
        with tempfile.TemporaryDirectory(prefix="sarbridge_", dir=QgsProcessingUtils.tempFolder()) as folder:
            export = (folder, part, context.transformContext(), feedback)
            dsm = self._dsm.source(*export)
            table = str(Path(folder) / "cells.csv") if self.CELLS in outputs else ""
            job = JointVisibilityJob(
                dsm=dsm,
                sar=self._sar.view(*export),
                optical=self._optical,
                dtm=self._dtm and self._dtm.source(*export),
                footprints=self._footprints and self._burn(dsm, folder, context, feedback),
                extent=corners(self._extent) if part else (),
                output=str(outputs[self.OUTPUT]),
                sar_map=str(outputs.get(self.SAR_MAP, "")),
                optical_map=str(outputs.get(self.OPTICAL_MAP, "")),
                report=str(outputs.get(self.REPORT, "")),
                cells=table,
                device=self._device,
            )
            numbers = run_job(job, feedback)["numbers"]
            if table:
                write_table(table, outputs[self.CELLS], self._dsm.crs, feedback)
        return numbers

    def _burn(self, dsm, folder, context, feedback):
        path = str(Path(folder) / "footprints.tif")
        return burn_footprints(self._footprints, dsm, self._dsm.crs, path, context.transformContext(), feedback)
