"""GeoPackages that hold more: a layer comes beside the others or replaces the one of its name; nothing else changes."""

import shutil
import sqlite3
from contextlib import closing

import pytest

pytest.importorskip("qgis.core")

import processing  # noqa: E402
from osgeo import gdal, ogr, osr  # noqa: E402
from qgis.core import (  # noqa: E402
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsVectorLayer,
)
from sarbridge.contract.errors import UserError  # noqa: E402
from sarbridge.processing_provider.outputs.geopackage import (  # noqa: E402
    default_layer,
    is_complete,
    layer_added,
)
from sarbridge.tests.image_pair import matching  # noqa: E402
from sarbridge.tests.processing_provider.algorithms.small_runs import small_run  # noqa: E402
from sarbridge.tests.qgis_session import complaint  # noqa: E402
from sarbridge.tests.rasters import write_raster  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

MATCH = "sarbridge:matchtiepoints"


@pytest.fixture
def package(out):
    """A GeoPackage with two vector layers, a table, a raster, a style and a note."""
    path = out / "city.gpkg"
    opened = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    system = osr.SpatialReference()
    system.ImportFromEPSG(4326)
    for name in ("roads", "rivers"):
        layer = opened.CreateLayer(name, system, ogr.wkbLineString)
        layer.SetMetadataItem("note", f"all the {name}")
        for k in range(3):
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"LINESTRING({k} 0,{k} 1)"))
            layer.CreateFeature(feature)
    opened.CreateLayer("prices", None, ogr.wkbNone).CreateField(ogr.FieldDefn("euro", ogr.OFTReal))
    layer = opened = feature = None
    image = write_raster(out / "image.tif", [[1.0, 2.0], [3.0, 4.0]])
    options = ["RASTER_TABLE=image", "APPEND_SUBDATASET=YES"]
    gdal.Translate(str(path), image, format="GPKG", creationOptions=options)
    roads = QgsVectorLayer(f"{path}|layername=roads", "roads", "ogr")
    roads.saveStyleToDatabase("my style", "", True, "")
    del roads
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode=DELETE")  # QGIS had it write ahead
        database.execute("CREATE TABLE notes AS SELECT 'mine' AS text")
    return path


def held(path, besides=()):
    """Return {table: its rows} of everything in a GeoPackage that is the user's."""
    with closing(sqlite3.connect(path)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [name for name in names if not name.startswith(("gpkg_", "sqlite_", "rtree_")) and name not in besides]
        rows = {name: database.execute(f'SELECT * FROM "{name}"').fetchall() for name in own}
        rows["contents"] = sorted(
            row
            for row in database.execute("SELECT table_name, data_type, identifier FROM gpkg_contents")
            if row[0] not in besides
        )
        rows["metadata"] = database.execute("SELECT metadata FROM gpkg_metadata").fetchall()
    return rows


def destination(path, layer):
    """Return what QGIS writes for a layer of a GeoPackage that is chosen in a dialog."""
    return f"ogr:dbname='{path}' table=\"{layer}\" (geom)"


def matched(out, pair, output):
    return processing.run(MATCH, matching(pair, out, TIE_POINTS=output))


@pytest.mark.parametrize("named", [False, True])
def test_a_layer_comes_beside_the_others_and_is_replaced_alone(package, pair, out, named):
    before = held(package)
    output, layer = (destination(package, "my points"), "my points") if named else (str(package), "city")
    for _ in range(2):
        results = matched(out, pair, output)
        assert results["TIE_POINTS"] == f"{package}|layername={layer}"
        points = QgsVectorLayer(results["TIE_POINTS"], "points", "ogr")
        assert points.isValid() and points.featureCount() == results["ACCEPTED_COUNT"] > 0
        del points
        assert held(package, besides=(layer,)) == before
        assert is_complete(package, layer, results["ACCEPTED_COUNT"])
    assert sorted(path.name for path in out.iterdir()) == ["city.gpkg", "image.tif"]  # no style for all of them


def test_tables_of_cells_and_outlines_come_beside_the_others(package, out, tmp_path):
    before = held(package)
    for algorithm, key in (("jointvisibility", "CELLS"), ("simulatescene", "FOOTPRINTS_OUT")):
        wanted = small_run(algorithm, tmp_path)
        results = processing.run(f"sarbridge:{algorithm}", {**wanted, key: destination(package, key.lower())})
        assert QgsVectorLayer(results[key], key, "ogr").isValid()
    assert held(package, besides=("cells", "footprints_out")) == before


def test_what_is_not_yet_moved_into_the_file_is_kept(package, pair, out):
    writing = sqlite3.connect(package)
    writing.execute("PRAGMA journal_mode=WAL")
    writing.execute("INSERT INTO notes VALUES ('a second one')")
    writing.commit()
    assert (out / "city.gpkg-wal").stat().st_size
    matched(out, pair, str(package))
    writing.close()
    assert held(package)["notes"] == [("mine",), ("a second one",)]


def test_a_failed_run_leaves_the_package_as_it_was(package, pair, out):
    before = package.read_bytes()
    complaint(
        MATCH, matching(pair, out, TIE_POINTS=str(package), REPORT=str(out / "r.html"), SPACING=9, MODEL_FILE="x")
    )
    assert package.read_bytes() == before


@pytest.mark.parametrize("layer", ["image", "PRICES", "notes"])
def test_what_is_no_vector_layer_is_not_replaced(package, pair, out, layer):
    before = package.read_bytes()
    said = complaint(MATCH, matching(pair, out, TIE_POINTS=destination(package, layer)))
    assert f"Tie points (TIE_POINTS): '{layer}' in the GeoPackage '{package}' is no vector layer" in said
    assert package.read_bytes() == before


@pytest.mark.parametrize("kind", ["raster of its own name", "other database", "damaged"])
def test_a_file_that_cannot_take_a_layer_is_refused(pair, out, kind):
    path = out / "image.gpkg"
    if kind == "other database":
        with sqlite3.connect(path) as database:
            database.execute("CREATE TABLE mine AS SELECT 1")
    else:
        gdal.Translate(str(path), write_raster(out / "image.tif", [[1.0, 2.0], [3.0, 4.0]]), format="GPKG")
    if kind == "damaged":
        path.write_bytes(path.read_bytes()[:5000])
    before = path.read_bytes()
    said = complaint(MATCH, matching(pair, out, TIE_POINTS=str(path)))
    assert "choose another" in said and f"{path}" in said and path.read_bytes() == before


def test_a_folder_of_this_name_is_refused(pair, out):
    (out / "city.gpkg").mkdir()
    assert "cannot be written there" in complaint(MATCH, matching(pair, out, TIE_POINTS=str(out / "city.gpkg")))


@pytest.mark.parametrize("layer", ["gpkg_x", "sqlite_x", "rtree_x", "(1)", ""])
def test_names_that_no_layer_can_have(pair, out, layer):
    said = complaint(MATCH, matching(pair, out, TIE_POINTS=destination(out / "city.gpkg", layer or "%")))
    assert "no layer of a GeoPackage can be called" in said
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["(1) points", "gpkg_points", "GPKG", "sqlite_x", "rtree_x", "$", "select", 'a"b', "a'b", "日本", "100%", "_"],
)
def test_every_name_of_a_file_gives_a_layer(tmp_path, out, name):
    path = out / f"{name}.gpkg"
    wanted = {**small_run("jointvisibility", tmp_path), "CELLS": str(path)}
    assert processing.run("sarbridge:jointvisibility", wanted)["CELLS"] == str(path)
    assert is_complete(path, default_layer(path), 1600)


def test_an_incomplete_layer_is_noticed(package):
    assert is_complete(package, "roads", 3)
    assert not is_complete(package, "roads", 4) and not is_complete(package, "missing", 3)
    with sqlite3.connect(package) as database:
        database.execute("DELETE FROM rtree_rivers_geom")
        database.execute("DROP TABLE rtree_roads_geom")
    assert not is_complete(package, "rivers", 3) and not is_complete(package, "roads", 3)


def test_a_layer_of_a_package_is_loaded_as_itself(package, pair, out):
    project = QgsProject.instance()
    output = QgsProcessingOutputLayerDefinition(destination(package, "my points"), project)
    context = QgsProcessingContext()
    context.setProject(project)
    results = processing.run(
        MATCH, matching(pair, out, TIE_POINTS=output), context=context, feedback=QgsProcessingFeedback(False)
    )
    assert list(context.layersToLoadOnCompletion()) == [results["TIE_POINTS"]]


@pytest.fixture
def addition(tmp_path):
    """A GeoPackage with one point, to be added to another."""
    path = tmp_path / "new.gpkg"
    opened = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = opened.CreateLayer("new", None, ogr.wkbPoint)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT(1 2)"))
    layer.CreateFeature(feature)
    layer = opened = feature = None
    return path


def test_a_lock_that_stays_is_named(package, addition):
    with closing(sqlite3.connect(package)) as other:
        other.execute("BEGIN EXCLUSIVE")
        locked = pytest.raises(UserError, match=r"\(database is locked\): close it in other programs")
        with locked, layer_added(addition, package, "points"):
            pass


@pytest.mark.parametrize("layer", ["points", "ROADS"])
def test_a_layer_is_added_when_the_block_ends_and_else_nothing_changes(package, addition, layer):
    before = held(package)
    with pytest.raises(ZeroDivisionError), layer_added(addition, package, layer):
        raise ZeroDivisionError
    assert held(package) == before and is_complete(package, "roads", 3)
    with layer_added(addition, package, layer):
        assert held(package) == before  # also where another program looks
    assert is_complete(package, layer, 1)
    after = held(package, besides=(layer.lower(), layer))
    assert {key: after[key] for key in ("rivers", "notes", "image", "layer_styles")} == {
        key: before[key] for key in ("rivers", "notes", "image", "layer_styles")
    }


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_what_others_commit_after_the_run_is_kept(package, pair, out, mode):
    """They have the file open, and went on with one that was replaced."""
    with closing(sqlite3.connect(package, isolation_level=None)) as other:
        other.execute(f"PRAGMA journal_mode={mode}")
        assert other.execute("SELECT * FROM notes").fetchall() == [("mine",)]
        matched(out, pair, str(package))
        other.execute("INSERT INTO notes VALUES ('later')")
    assert held(package)["notes"] == [("mine",), ("later",)]


def test_edits_of_another_layer_that_go_on_are_saved(package, pair, out):
    roads = QgsVectorLayer(f"{package}|layername=roads", "roads", "ogr")
    QgsProject.instance().addMapLayer(roads)
    try:
        roads.startEditing()
        matched(out, pair, str(package))
        assert roads.deleteFeature(1) and roads.commitChanges()
    finally:
        QgsProject.instance().removeMapLayer(roads)
    assert [fid for fid, *_ in held(package)["roads"]] == [2, 3]


def test_what_belongs_to_a_package_stays_and_links_lead_to_it(package, pair, out):
    for ending in (".aux.xml", ".ovr"):
        package.with_name(package.name + ending).write_text("of the raster")
    package.chmod(0o640)
    link = out / "link.gpkg"
    link.symlink_to(package)
    matched(out, pair, str(link))
    assert link.is_symlink() and "link" in held(package) and package.stat().st_mode & 0o777 == 0o640
    assert all(package.with_name(package.name + ending).exists() for ending in (".aux.xml", ".ovr"))
    both = matching(pair, out, TIE_POINTS=str(link), VECTORS=str(package))
    assert "Two outputs are the same file" in complaint(MATCH, both)


@pytest.mark.parametrize("room", [150_000, 250_000, 300_000, 350_000, 400_000])
def test_on_a_disk_that_fills_up_the_package_has_the_layer_or_stays(package, small_disk, pair, out, room):
    path = small_disk / "city.gpkg"
    path.write_bytes(package.read_bytes())
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(small_disk).free - room))
    try:
        count = processing.run(MATCH, matching(pair, out, TIE_POINTS=str(path)))["ACCEPTED_COUNT"]
    except QgsProcessingException as error:
        assert f"The disk that holds the folder '{small_disk}' is full" in str(error)
        assert held(path) == held(package)
    else:
        assert is_complete(path, "city", count)
        assert held(path, besides=("city",)) == held(package)
    assert {each.name for each in small_disk.iterdir()} == {"city.gpkg", "ballast"}
