"""`sarbridge:jointvisibility`: what a SAR and an optical image both see of a surface, as maps, shares and a table."""

from typing import Any, Optional

from qgis.core import QgsProcessing, QgsProcessingContext, QgsProcessingFeedback

from ...contract.geometry_jobs import JointVisibilityJob
from ..algorithm import SAR_GEOMETRY, SarbridgeAlgorithm
from ..engine_process.engine_client import run_job
from ..engine_process.user_errors import one_sentence
from ..inputs.burnt_polygons import burn_area, burn_footprints
from ..inputs.export import temporary_export
from ..outputs import styles
from ..outputs.destinations import GEOTIFF, HTML, add_raster_output, add_report, add_vector_output, finished_outputs
from ..outputs.number_outputs import add_numbers, existing_numbers
from ..outputs.table_file import TABLE_FORMATS, write_table
from ..parameters.device import add_device, chosen_device
from ..parameters.distinct_layers import refuse_same_pixels
from ..parameters.extent import add_extent, extent_in
from ..parameters.layers import add_raster, elevation_input
from ..parameters.optical_view_parameters import add_optical_view_parameters, optical_view
from ..parameters.polygon_layers import add_area, add_footprints, area_source, around_area, footprint_source
from ..parameters.sar_view_parameters import INCIDENCE_LAYER, SarViewInput, add_sar_view_parameters

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
    TAGS = (
        *("visibility", "occlusion", "shadow", "layover", "façade", "facade", "dsm", "optical", "city", "buildings"),
        *("viewshed", "line of sight", "urban", "mask"),
    )
    LIKELY = {"DSM": "HEIGHTS"}

    DSM, DTM = "DSM", "DTM"
    OUTPUT, SAR_MAP, OPTICAL_MAP, REPORT, CELLS = "OUTPUT", "SAR_MAP", "OPTICAL_MAP", "REPORT", "CELLS"
    MAPS = (OUTPUT, SAR_MAP, OPTICAL_MAP)

    def initAlgorithm(self, configuration: Optional[dict[str, Any]] = None) -> None:
        self._add_surface()
        add_sar_view_parameters(self)
        add_optical_view_parameters(self, off_nadir=15.0, view_azimuth=0.0)
        add_device(self)
        self._add_outputs()

    def _add_surface(self):
        add_raster(
            self,
            self.DSM,
            "Surface model (DSM)",
            "Heights in metres of what is seen from above: roofs, tree tops, else the ground. Cells must be small"
            " against buildings and their shadows: 0.5 to 2.5 m for cities.",
        )
        add_raster(
            self,
            self.DTM,
            "Terrain model (DTM)",
            "Heights in metres of the bare ground, of any resolution. With it, layover that the terrain alone would"
            " cause is not taken for that of façades, and façades are edges of what stands more than 2.5 m above it.",
            optional=True,
        )
        add_footprints(
            self,
            "Polygons in any coordinate reference system. With them, only edges of buildings are façades, and the"
            " layover of trees is not that of façades.",
        )
        add_extent(
            self,
            "The part to map; what stands around it still casts its shadow into it. Empty: the whole surface model.",
        )
        add_area(self, "Polygons, in any coordinate reference system, outside of which nothing is mapped or counted.")

    def _add_outputs(self):
        for key, title, help_text in (
            (self.OUTPUT, "Joint map", "Both images together, on the grid of the surface model (.tif)."),
            (self.SAR_MAP, "Map of the SAR image", "What the optical image lacks of it, and façade layover (.tif)."),
            (self.OPTICAL_MAP, "Map of the optical image", "What the SAR image lacks of it, and façades (.tif)."),
        ):
            add_raster_output(self, key, title, help_text, optional=key != self.OUTPUT)
        add_report(
            self,
            self.REPORT,
            "A page with the three maps, their shares beside those published for Munich, and what the classes mean.",
        )
        add_vector_output(
            self,
            self.CELLS,
            "Table of cells",
            "A point for each cell with its position in both images and what hides it (.gpkg or .csv), for at most two"
            " million cells: choose an extent in a large surface model.",
            QgsProcessing.SourceType.TypeVectorPoint,
            optional=True,
        )
        add_numbers(self, NUMBERS)

    def read_parameters(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        self._dsm, self._dtm = (
            elevation_input(self, parameters, key, context, feedback) for key in (self.DSM, self.DTM)
        )
        self._footprints = footprint_source(self, parameters, context)
        self._area = area_source(self, parameters, context)
        extent = extent_in(self, parameters, context, self._dsm.crs)
        self._extent = around_area(extent, self._area, self._dsm.crs, context)
        self._sar = SarViewInput(self, parameters, context)
        refuse_same_pixels(self, {self.DSM: self._dsm, self.DTM: self._dtm, INCIDENCE_LAYER: self._sar.layer})
        self._optical = optical_view(self, parameters, context)
        self._device = chosen_device(self, parameters, context)

    @one_sentence
    def processAlgorithm(
        self, parameters: dict[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        suffixes = {**dict.fromkeys(self.MAPS, GEOTIFF), self.REPORT: HTML, self.CELLS: TABLE_FORMATS}
        with finished_outputs(self, parameters, context, suffixes) as (new, paths):
            with temporary_export(context, feedback, self._extent.areas) as export:
                job = self._job(new, export)
                numbers = run_job(job, feedback)["numbers"]
                if job.cells:
                    write_table(job.cells, new[self.CELLS], paths[self.CELLS], self._dsm.crs, feedback)
            for key in paths.keys() & {*self.MAPS}:
                styles.style_file(new[key], paths[key], styles.JOINT_VISIBILITY, context, paths.get(self.CELLS, ""))
            if self.CELLS in paths:
                styles.style_file(new[self.CELLS], paths[self.CELLS], styles.CELLS, context)
        return {**existing_numbers(numbers), **paths}

    def _job(self, new, export):
        dsm = self._dsm.source(export)
        return JointVisibilityJob(
            dsm=dsm,
            sar=self._sar.view(export),
            optical=self._optical,
            dtm=self._dtm and self._dtm.source(export),
            footprints=self._footprints and burn_footprints(self._footprints, dsm, self._dsm.crs, export),
            extent=self._extent.corners,
            area=self._area and burn_area(self._area, dsm, self._dsm.crs, export),
            output=new[self.OUTPUT],
            sar_map=new.get(self.SAR_MAP, ""),
            optical_map=new.get(self.OPTICAL_MAP, ""),
            report=new.get(self.REPORT, ""),
            cells=export.new_file(".csv") if self.CELLS in new else "",
            device=self._device,
        )
