"""Vector files: what was written is read back; a failed run leaves an older file alone and nothing new."""

import pytest
from osgeo import gdal
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsPointXY,
    QgsVectorLayer,
    QgsWkbTypes,
)
from sarbridge.contract.errors import UserError
from sarbridge.contract.finished_file import finished_file
from sarbridge.contract.tie_points import FIELDS, ORIGIN
from sarbridge.processing_provider.outputs import styles
from sarbridge.processing_provider.outputs.style_files import write_style
from sarbridge.processing_provider.outputs.tie_point_layers import points, tie_point_fields
from sarbridge.processing_provider.outputs.vector_output import DRIVERS, check_crs, write_vector

pytestmark = pytest.mark.usefixtures("qgis_application")

MERCATOR = "EPSG:3395"


def rows(count=5):
    numbers = dict.fromkeys(FIELDS, 0.0)
    return [
        {
            **numbers,
            "id": k,
            "sar_x": -13_000_000.123 + k,
            "sar_y": 4_000_000.5 - k,
            "residual_m": None,
            "accepted": k % 2 == 0,
            "reason": "" if k % 2 == 0 else "orn",
        }
        for k in range(1, count + 1)
    ]


def write(path, written, crs=MERCATOR):
    with finished_file(path) as new:
        write_vector(
            new,
            str(path),
            tie_point_fields(),
            QgsWkbTypes.Type.Point,
            QgsCoordinateReferenceSystem(crs),
            points(written),
            QgsCoordinateTransformContext(),
        )
        write_style(styles.TIE_POINTS, new, path)


@pytest.mark.parametrize(
    ("crs", "loses"),
    [
        ("PROJ:+proj=tmerc +lat_0=0 +lon_0=-120 +k=1 +x_0=500000 +ellps=bessel +towgs84=598,73,418,0,0,0,0", ".shp"),
        ("PROJ:+proj=utm +zone=11 +datum=NAD83 +units=us-ft", ".gpkg"),
    ],
)
def test_a_format_that_would_move_places_is_refused(tmp_path, crs, loses):
    """One leaves the shift of the datum out, the other calls feet metres."""
    written = [{**row, "sar_x": 500_000.0 + row["id"], "sar_y": 4_000_000.0} for row in rows()]
    for suffix in (".gpkg", ".shp"):
        path = tmp_path / f"points{suffix}"
        early = str(path), QgsCoordinateReferenceSystem(crs), "SAR", QgsPointXY(500_000, 4_000_000)
        if suffix == loses:
            with pytest.raises(UserError, match="cannot hold the coordinate reference system of the layer 'points'"):
                check_crs(*early)
            with pytest.raises(UserError, match="cannot hold the coordinate reference system of the layer 'points'"):
                write(path, written, crs)
            assert not path.exists()
        else:
            check_crs(*early)
            assert not path.exists()
            write(path, written, crs)


@pytest.mark.parametrize("suffix", DRIVERS)
def test_rows_come_back_as_written(tmp_path, suffix):
    path = tmp_path / f"tie points{suffix}"
    write(path, rows())
    layer = QgsVectorLayer(str(path), "read", "ogr")
    assert layer.crs().authid() == MERCATOR
    assert all(field.alias() for field in layer.fields())
    names = [name for name in layer.fields().names() if name != "fid"]
    assert names == [*FIELDS, *ORIGIN]
    features = sorted(layer.getFeatures(), key=lambda feature: feature["id"])
    for row, feature in zip(rows(), features):
        assert feature.geometry().asPoint().x() == pytest.approx(row["sar_x"], abs=1e-6)
        assert feature["sar_y"] == pytest.approx(row["sar_y"], abs=1e-6)
        assert bool(feature["accepted"]) is row["accepted"]
        assert (feature["reason"] or "") == row["reason"]
        assert not feature["residual_m"]  # unknown stays NULL
    assert len(features) == 5


@pytest.mark.parametrize("suffix", DRIVERS)
def test_gdal_has_nothing_to_say_of_long_coordinates(tmp_path, suffix):
    far_west = [{**row, "sar_x": -19_999_999.123456789, "opt_y": -9_999_999.123456789} for row in rows()]
    said = []
    gdal.PushErrorHandler(lambda _level, _number, text: said.append(text))
    try:
        write(tmp_path / f"points{suffix}", far_west)
    finally:
        gdal.PopErrorHandler()
    assert not said


@pytest.mark.parametrize("suffix", DRIVERS)
def test_a_new_file_replaces_an_older_one_whole(tmp_path, suffix):
    path = tmp_path / f"points{suffix}"
    write(path, rows(9))
    files = {file.name for file in tmp_path.iterdir()}
    write(path, rows(3))
    assert {file.name for file in tmp_path.iterdir()} == files
    assert QgsVectorLayer(str(path), "read", "ogr").featureCount() == 3


@pytest.mark.parametrize("suffix", DRIVERS)
def test_a_failure_leaves_the_older_file_alone(tmp_path, suffix):
    path = tmp_path / f"points{suffix}"
    write(path, rows(2))
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    broken = rows(4)
    broken[-1]["sar_x"] = "not a number"
    with pytest.raises(TypeError):
        write(path, broken)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize("suffix", DRIVERS)
def test_a_full_disk_is_one_sentence_and_leaves_nothing(small_disk, suffix):
    with pytest.raises(UserError, match="space"):
        write(small_disk / f"points{suffix}", rows(20_000))
    assert list(small_disk.iterdir()) == []


def test_geojson_refuses_a_crs_it_cannot_name():
    no_code = QgsCoordinateReferenceSystem.fromProj("+proj=tmerc +lat_0=10 +lon_0=20 +ellps=GRS80 +units=m")
    with pytest.raises(UserError, match="GeoPackage"):
        check_crs("points.geojson", no_code, "SAR")
    check_crs("points.gpkg", no_code, "SAR")
