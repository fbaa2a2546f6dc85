"""The table of cells: what the engine wrote is what the file holds."""

import pytest

pytest.importorskip("qgis.core")

from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingFeedback, QgsVectorLayer  # noqa: E402
from sarbridge.contract.errors import UserError  # noqa: E402
from sarbridge.contract.finished_file import finished_file  # noqa: E402
from sarbridge.processing_provider.outputs.geopackage import is_complete  # noqa: E402
from sarbridge.processing_provider.outputs.table_file import write_table  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application", "gdal_failures")


def write(folder, path, count=3):
    """Write a table with cells at (k, −k) that share `k` and a text; return its text."""
    rows = [f"{k},{-k},{k / 2},hidden {k}" for k in range(count)]
    csv = folder / "cells.csv"
    csv.write_text("\n".join(["x,y,share,cause", *rows]) + "\n")
    with finished_file(path) as new:
        write_table(str(csv), new, str(path), QgsCoordinateReferenceSystem("EPSG:32633"), QgsProcessingFeedback())
    return csv.read_text()


def test_csv_is_the_engines_file(tmp_path):
    path = tmp_path / "table.csv"
    assert write(tmp_path, path) == path.read_text()


def test_a_geopackage_holds_points_with_numbers(tmp_path):
    path = tmp_path / "table.gpkg"
    write(tmp_path, path)
    layer = QgsVectorLayer(str(path), "cells", "ogr")
    assert layer.crs().authid() == "EPSG:32633"
    cells = [
        (f.geometry().asPoint().x(), f.geometry().asPoint().y(), f["share"], f["cause"]) for f in layer.getFeatures()
    ]
    assert cells == [(k, -k, k / 2, f"hidden {k}") for k in range(3)]


def test_a_column_that_goes_on_with_fractions_holds_them(tmp_path):
    """Open ground comes first in many scenes, with positions of whole metres for longer than a megabyte."""
    csv, path = tmp_path / "cells.csv", tmp_path / "table.gpkg"
    rows = [f"500000,5800000,5800{row % 1000:03}.0,{row}" for row in range(60_000)]
    rows = [row.replace(".0,", ",") for row in rows] + ["500001,5800001,5800000.25,60000"]
    csv.write_text("\n".join(["x,y,sar_y,n", *rows]) + "\n")
    assert csv.stat().st_size > 1_500_000
    with finished_file(path) as new:
        write_table(str(csv), new, str(path), QgsCoordinateReferenceSystem("EPSG:32633"), QgsProcessingFeedback())
    layer = QgsVectorLayer(str(path), "cells", "ogr")
    [last] = layer.getFeatures('"n" = 60000')
    assert last["sar_y"] == 5800000.25


def test_a_full_disk_is_one_sentence_and_leaves_nothing(small_disk, tmp_path):
    with pytest.raises(UserError, match="full"):
        write(tmp_path, small_disk / "table.gpkg", 20_000)
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize("count", range(3_000, 13_000, 1_000))
def test_where_the_spatial_index_does_not_fit_any_more_the_table_fails(small_disk, tmp_path, count):
    path = small_disk / "table.gpkg"
    try:
        write(tmp_path, path, count)
    except UserError as error:
        assert "space" in str(error) and list(small_disk.iterdir()) == []
    else:
        assert is_complete(path, "table", count)
