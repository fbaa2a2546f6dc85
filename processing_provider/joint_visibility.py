"""`sarbridge:jointvisibility`: what a SAR and an optical image both see of a surface, as maps, shares and a table."""

import tempfile
from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterVectorDestination,
    QgsProcessingUtils,
)

from ..engine.finished_file import finished_files
from ..engine.geometry.jobs import LARGEST_OFF_NADIR, LOWEST_SUN, JointVisibilityJob, OpticalView
from . import styles
from .algorithm import SAR_GEOMETRY, SarbridgeAlgorithm
from .destinations import GEOTIFF, HTML, destination
from .engine_client import run_job
from .footprint_raster import burn_footprints, footprint_source
from .layers import RasterInput, corners, raster_layer
from .table_file import TABLE_FORMATS, write_table
from .user_errors import one_sentence
from .view_parameters import SarViewInput, add_view_parameters, angle

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

    DSM, DTM, FOOTPRINTS, EXTENT = "DSM", "DTM", "FOOTPRINTS", "EXTENT"
    OFF_NADIR, VIEW_AZIMUTH = "OFF_NADIR", "VIEW_AZIMUTH"
    SUN_AZIMUTH, SUN_ELEVATION = "SUN_AZIMUTH", "SUN_ELEVATION"
    OUTPUT, SAR_MAP, OPTICAL_MAP, REPORT, CELLS = "OUTPUT", "SAR_MAP", "OPTICAL_MAP", "REPORT", "CELLS"

    def initAlgorithm(self, configuration=None):
        self._add_surface()
        add_view_parameters(self)
        self._add_optical_view()
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
        polygons = [QgsProcessing.SourceType.TypeVectorPolygon]
        self.add_parameter(
            QgsProcessingParameterFeatureSource(
                self.FOOTPRINTS, self.tr("Building footprints"), polygons, optional=True
            ),
            "Polygons in any coordinate reference system. With them, only edges of buildings are façades, and the"
            " layover of trees is not that of façades.",
        )
        self.add_parameter(
            QgsProcessingParameterExtent(self.EXTENT, self.tr("Extent"), optional=True),
            "The part to map; what stands around it still casts its shadow into it. Empty: the whole surface model.",
        )

    def _add_optical_view(self):
        self.add_angle(
            self.OFF_NADIR,
            "Off-nadir angle of the optical image (degrees)",
            "Angle between the line of sight and the vertical, measured at the ground; 0 looks straight down, so that"
            " nothing is occluded.",
            default=15.0,
            bounds=(0, LARGEST_OFF_NADIR),
        )
        self.add_angle(
            self.VIEW_AZIMUTH,
            "View azimuth of the optical image (degrees)",
            "Direction from the ground towards the satellite, clockwise from true north. Some products call it"
            " satellite azimuth; others give the opposite direction.",
            default=0.0,
            bounds=(-360, 360),
        )
        self.add_angle(
            self.SUN_AZIMUTH,
            "Sun azimuth (degrees)",
            "Direction from the ground towards the sun, clockwise from true north. Empty: shade does not count.",
            bounds=(-360, 360),
        )
        self.add_angle(
            self.SUN_ELEVATION,
            "Sun elevation (degrees)",
            f"Angle of the sun above the horizon, at least {LOWEST_SUN:g}; given together with its azimuth. With both,"
            " places in the shade are uncertain.",
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
        self._dsm = RasterInput(raster_layer(self, parameters, self.DSM, context), [1])
        dtm = raster_layer(self, parameters, self.DTM, context)
        self._dtm = dtm and RasterInput(dtm, [1])
        self._footprints = footprint_source(self, parameters, self.FOOTPRINTS, context)
        self._extent = self.parameterAsExtent(parameters, self.EXTENT, context, self._dsm.crs)
        self._sar = SarViewInput(self, parameters, context)
        self._optical = self._optical_view(parameters, context)
        self._device = self.chosen_device(parameters, context)
        return True

    def _optical_view(self, parameters, context):
        sun_azimuth = angle(self, parameters, self.SUN_AZIMUTH, context)
        return OpticalView(
            azimuth=self.parameterAsDouble(parameters, self.VIEW_AZIMUTH, context) % 360,
            off_nadir=self.parameterAsDouble(parameters, self.OFF_NADIR, context),
            sun_azimuth=None if sun_azimuth is None else sun_azimuth % 360,
            sun_elevation=angle(self, parameters, self.SUN_ELEVATION, context),
        )

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
