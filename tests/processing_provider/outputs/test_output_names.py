"""Names of outputs: odd ones give files that can be opened, impossible ones a sentence, and never anything half."""

import re
from pathlib import Path

import pytest

pytest.importorskip("qgis.core")

from qgis.core import (  # noqa: E402
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsRasterLayer,
    QgsVectorLayer,
)
from sarbridge.contract.errors import UserError  # noqa: E402
from sarbridge.processing_provider.outputs.destinations import GEOTIFF, HTML, finished_outputs  # noqa: E402
from sarbridge.processing_provider.outputs.table_file import TABLE_FORMATS, write_table  # noqa: E402
from sarbridge.tests.rasters import write_raster  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")

SUFFIXES = {"OUTPUT": GEOTIFF, "SAR_MAP": GEOTIFF, "REPORT": HTML, "CELLS": TABLE_FORMATS}


@pytest.fixture
def write(tmp_path):
    """A function that writes something to the outputs it is given, as a run of `jointvisibility` does."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:jointvisibility")
    csv = tmp_path / "cells.csv"
    csv.write_text("x,y,share\n1,2,3\n")

    def written(**outputs):
        with finished_outputs(algorithm, outputs, QgsProcessingContext(), SUFFIXES) as (new, paths):
            for key in new.keys() - {"CELLS"}:
                write_raster(new[key], [[1.0, 2.0], [3.0, 4.0]])
            if "CELLS" in new:
                crs = QgsCoordinateReferenceSystem("EPSG:32633")
                write_table(str(csv), new["CELLS"], paths["CELLS"], crs, QgsProcessingFeedback())
        return paths

    return written


ODD = [
    "(1) map",
    "a b",
    " a",
    "a ",
    "a.",
    "100%",
    "a%20b",
    "a#b",
    "a?b=c&d",
    "a'b",
    'a"b',
    "a,b;c",
    "[a]{b}",
    "日本é",
    "-a",
    "~",
    "n" * 200,
]


@pytest.mark.parametrize("name", ODD, ids=lambda name: ascii(name)[:12])
def test_odd_names_are_names(write, out, name):
    paths = {"OUTPUT": str(out / f"{name}.tif"), "REPORT": str(out / f"{name}.html")}
    if "%20" not in name:
        paths["CELLS"] = str(out / f"{name}.gpkg")
    assert write(**paths) == paths
    assert QgsRasterLayer(paths["OUTPUT"], "map").isValid() and Path(paths["REPORT"]).stat().st_size
    assert "CELLS" not in paths or QgsVectorLayer(paths["CELLS"], "cells", "ogr").isValid()


@pytest.mark.parametrize(
    "name, sentence",
    [
        ("a\0b.tif", r"a\x00b.tif' holds characters that no file name should have"),
        ("a\nb.tif", r"a\nb.tif' holds characters"),
        ("a\x7fb.tif", r"a\x7fb.tif' holds characters"),
        ("a|b.tif", r"holds a | or \, behind which QGIS reads something else"),
        ("a\\b.tif", r"holds a | or \, behind which QGIS reads something else"),
        (".tif", "has nothing before its suffix: give it a name, such as 'result.tif'"),
        ("a.tif ", "has a format that is not supported here"),
        ("n" * 244 + ".tif", "is too long by 1 bytes: choose a shorter one"),
        ("é" * 122 + ".tif", "is too long by 1 bytes: choose a shorter one"),
        ("n" * 251 + ".tif", "is too long by 8 bytes: choose a shorter one"),
        ("n" * 300 + ".tif", "is too long by 57 bytes: choose a shorter one"),
        ("n" * 300 + "/a.tif", "does not exist: create it or choose another one"),
        ("n/" * 3000 + "a.tif", "does not exist: create it or choose another one"),
    ],
    ids=lambda value: ascii(value)[:12],
)
def test_names_that_cannot_be_are_refused_before_anything_runs(write, out, name, sentence):
    with pytest.raises(UserError, match=r"^[A-Z][a-z ]* \(OUTPUT\): .*" + re.escape(sentence)) as refused:
        write(OUTPUT=f"{out}/{name}")
    assert str(refused.value).isprintable() and list(out.iterdir()) == []


def test_a_geopackage_that_gdal_cannot_open_by_its_name_is_refused(write, out):
    (out / "a%20b").mkdir()
    for name in ("c%20d.gpkg", "a%20b/c.gpkg"):
        with pytest.raises(UserError, match="\\(CELLS\\): GDAL cannot open GeoPackages with a % as in"):
            write(CELLS=str(out / name))


def test_a_name_just_short_enough_has_room_for_its_companions(write, out):
    for name in ("n" * 243 + ".tif", "é" * 121 + "n.tif"):
        assert QgsRasterLayer(write(OUTPUT=str(out / name))["OUTPUT"], "map").isValid()
    assert QgsVectorLayer(write(CELLS=str(out / ("n" * 242 + ".gpkg")))["CELLS"], "cells", "ogr").isValid()


def test_two_outputs_of_one_file_are_refused_in_any_spelling(write, out):
    with pytest.raises(UserError, match="Two outputs have the same name"):
        write(OUTPUT=str(out / "z.tif"), SAR_MAP=f"{out}/../out/z.tif")
    assert list(out.iterdir()) == []
