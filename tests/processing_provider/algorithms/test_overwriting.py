"""No output takes the place of an input, whichever algorithm, kind of layer and spelling; the input stays as it was."""

import os
import shutil
import zipfile
from pathlib import Path

import numpy as np
import processing
import pytest
from osgeo import gdal, ogr
from qgis.core import (
    QgsFeature,
    QgsGeometry,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsProperty,
    QgsRasterLayer,
    QgsVectorLayer,
)
from sarbridge.tests.exact_tie_points import tie_point_rows, write_points
from sarbridge.tests.processing_provider.algorithms.small_runs import small_run
from sarbridge.tests.processing_provider.model_steps import model_of, step
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import LEFT, TOP, write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")


@pytest.fixture
def dem(tmp_path):
    heights = np.zeros((40, 40))
    heights[15:25, 15:25] = 5
    return write_raster(tmp_path / "dem.tif", heights)


@pytest.fixture
def project():
    yield QgsProject.instance()
    QgsProject.instance().clear()


def content(folder):
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and ".aux" not in path.name}


def refused(algorithm, parameters, folder):
    """Assert that a run is refused for its output, with nothing lost."""
    before = content(folder)
    said = complaint(algorithm if not isinstance(algorithm, str) else f"sarbridge:{algorithm}", parameters)
    assert "would replace the file" in said and "choose another output file." in said
    assert content(folder) == before
    return said


@pytest.mark.parametrize(
    "algorithm, key, inputs",
    [
        ("sardistortions", "OUTPUT", ["DEM"]),
        ("sardistortions", "INCIDENCE", ["DEM"]),
        ("sardistortions", "LAYOVER_COUNT", ["DEM"]),
        ("jointvisibility", "OUTPUT", ["DSM"]),
        ("jointvisibility", "SAR_MAP", ["DSM"]),
        ("jointvisibility", "OPTICAL_MAP", ["DSM"]),
        ("coregister", "OUTPUT", ["INPUT"]),
        ("simulatescene", "DEM_OUT", ["DSM"]),
        ("simulatescene", "SLC", ["DSM"]),
        ("translatetooptical", "OUTPUT", ["SAR"]),
        ("translatetooptical", "UNCERTAINTY", ["SAR"]),
        ("translatetooptical", "ZONES", ["DEM"]),
        ("extractbuildings", "MASK", ["SAR"]),
        ("extractbuildings", "PROBABILITY", ["SAR"]),
        ("despeckle", "OUTPUT", ["INPUT"]),
        ("despeckle", "RATIO", ["INPUT"]),
    ],
)
def test_the_file_of_a_raster(tmp_path, dem, algorithm, key, inputs):
    wanted = small_run(algorithm, tmp_path)
    for name in inputs:
        wanted.setdefault(name, dem)
    said = refused(algorithm, {**wanted, key: wanted[inputs[0]]}, tmp_path)
    assert f" ({key}): " in said and f"({inputs[0]})" in said


@pytest.mark.parametrize("algorithm, key", [("matchtiepoints", "TIE_POINTS"), ("matchtiepoints", "VECTORS")])
def test_a_geopackage_that_holds_a_raster(tmp_path, algorithm, key):
    wanted = small_run(algorithm, tmp_path)
    package = str(tmp_path / "images.gpkg")
    gdal.Translate(package, wanted["OPTICAL"], format="GPKG", creationOptions=["RASTER_TABLE=optical"])
    for source in (package, QgsRasterLayer(f"GPKG:{package}:optical", "optical")):
        assert "(OPTICAL)" in refused(algorithm, {**wanted, "OPTICAL": source, key: package}, tmp_path)


def footprints(path):
    houses = ogr.GetDriverByName("GPKG" if path.suffix == ".gpkg" else "ESRI Shapefile").CreateDataSource(str(path))
    layer = houses.CreateLayer("houses", gdal.Open(str(path.with_name("box.tif"))).GetSpatialRef(), ogr.wkbPolygon)
    house = ogr.Feature(layer.GetLayerDefn())
    x, y = LEFT + 15, TOP - 15
    house.SetGeometry(
        ogr.CreateGeometryFromWkt(f"POLYGON(({x} {y},{x + 10} {y},{x + 10} {y - 10},{x} {y - 10},{x} {y}))")
    )
    layer.CreateFeature(house)


@pytest.mark.parametrize("form", ["{}", "{}|layername=houses", "definition", "property", "layer", "layer id"])
def test_the_file_of_a_vector_layer_however_it_is_given(tmp_path, form, project):
    wanted = small_run("jointvisibility", tmp_path)
    footprints(tmp_path / "houses.gpkg")
    path = str(tmp_path / "houses.gpkg")
    layer = project.addMapLayer(QgsVectorLayer(path, "houses", "ogr"))
    given = {
        "definition": QgsProcessingFeatureSourceDefinition(path, selectedFeaturesOnly=False),
        "property": QgsProperty.fromExpression(f"'{path}'"),
        "layer": layer,
        "layer id": layer.id(),
    }.get(form, form.format(path))
    assert "(FOOTPRINTS)" in refused("jointvisibility", {**wanted, "FOOTPRINTS": given, "CELLS": path}, tmp_path)


def test_the_source_of_a_virtual_layer_and_of_one_that_is_joined(tmp_path, project):
    wanted = small_run("jointvisibility", tmp_path)
    footprints(tmp_path / "houses.gpkg")
    path = str(tmp_path / "houses.gpkg")
    houses = project.addMapLayer(QgsVectorLayer(path, "my houses", "ogr"))
    virtual = project.addMapLayer(QgsVectorLayer('?query=SELECT * FROM "my houses"', "virtual", "virtual"))
    assert virtual.isValid()
    refused("jointvisibility", {**wanted, "FOOTPRINTS": virtual, "CELLS": path}, tmp_path)
    assert houses.isValid()


@pytest.mark.parametrize(
    "how", ["symlink", "hard link", "dots", "archive", "vrt", "vrt of vrt", "warped", "subdataset"]
)
def test_a_file_that_an_input_links_or_refers_to(tmp_path, dem, how):
    wanted = small_run("sardistortions", tmp_path)
    source, output = str(tmp_path / "source.vrt"), dem
    if how == "symlink":
        source = str(tmp_path / "link.tif")
        Path(source).symlink_to(dem)
    elif how == "hard link":
        source = str(tmp_path / "hard.tif")
        os.link(dem, source)
    elif how == "dots":
        source = f"{tmp_path}/../{tmp_path.name}/dem.tif"
    elif how == "archive":
        output = str(tmp_path / "archive.tif")
        with zipfile.ZipFile(output, "w") as archive:
            archive.write(dem, "dem.tif")
        source = QgsRasterLayer(f"/vsizip/{{{output}}}/dem.tif", "dem")
    elif how == "vrt":
        gdal.BuildVRT(source, [dem])
    elif how == "vrt of vrt":
        gdal.BuildVRT(str(tmp_path / "between.vrt"), [dem])
        gdal.BuildVRT(source, [str(tmp_path / "between.vrt")])
    elif how == "warped":
        gdal.Warp(source, dem, format="VRT", xRes=2, yRes=2)
    elif how == "subdataset":
        gdal.BuildVRT(source, [f"GTIFF_DIR:1:{dem}"])
    refused("sardistortions", {**wanted, "DEM": source, "OUTPUT": output}, tmp_path)


@pytest.mark.parametrize("output", ["dem.tif", "link.tif", "../{}/dem.tif"])
def test_an_output_that_links_to_an_input(tmp_path, dem, output):
    (tmp_path / "link.tif").symlink_to(dem)
    wanted = small_run("sardistortions", tmp_path)
    refused("sardistortions", {**wanted, "DEM": dem, "OUTPUT": f"{tmp_path}/{output.format(tmp_path.name)}"}, tmp_path)


def test_overviews_of_an_output_that_are_an_input(tmp_path, dem):
    shutil.copy(dem, tmp_path / "zones.tif.ovr")
    wanted = {**small_run("sardistortions", tmp_path), "DEM": str(tmp_path / "zones.tif.ovr")}
    refused("sardistortions", {**wanted, "OUTPUT": str(tmp_path / "zones.tif")}, tmp_path)


def test_a_layer_that_only_gives_the_extent(tmp_path, dem):
    other = str(tmp_path / "other.tif")
    shutil.copy(dem, other)
    said = refused(
        "sardistortions", {**small_run("sardistortions", tmp_path), "EXTENT": other, "OUTPUT": other}, tmp_path
    )
    assert "(EXTENT)" in said


def test_a_model_file(tmp_path):
    wanted = small_run("matchtiepoints", tmp_path)
    model, output = tmp_path / "own.safetensors", tmp_path / "link.gpkg"
    model.write_text("a model")
    os.link(model, output)
    parameters = {**wanted, "METHOD": "bridgematch", "MODEL_FILE": str(model), "TIE_POINTS": str(output)}
    assert "(MODEL_FILE)" in refused("matchtiepoints", parameters, tmp_path)


def test_a_step_of_a_model(tmp_path, dem):
    wanted = {**small_run("sardistortions", tmp_path), "DEM": dem, "OUTPUT": dem}
    refused(model_of(step("sardistortions", wanted)), {}, tmp_path)


def test_a_vrt_that_would_refer_to_itself(tmp_path):
    wanted = small_run("coregister", tmp_path)
    points = write_points(tmp_path / "old.gpkg", tie_point_rows())  # they do not remember what they were matched in
    corrected = {**wanted, "POINTS": points, "OUTPUT": str(tmp_path / "a.vrt")}
    for _ in range(2):  # the second over the first
        processing.run("sarbridge:coregister", corrected)
    gdal.BuildVRT(str(tmp_path / "b.vrt"), [str(tmp_path / "a.vrt")])
    for source in ("a.vrt", "b.vrt"):
        refused("coregister", {**corrected, "INPUT": str(tmp_path / source)}, tmp_path)


def test_a_layer_whose_edits_are_not_saved(tmp_path, project):
    wanted = small_run("matchtiepoints", tmp_path)
    processing.run("sarbridge:matchtiepoints", wanted)
    layer = project.addMapLayer(QgsVectorLayer(wanted["TIE_POINTS"], "my points", "ogr"))
    processing.run("sarbridge:matchtiepoints", wanted)  # it may be shown
    layer.startEditing()
    point = QgsFeature(layer.fields())
    point.setGeometry(QgsGeometry.fromWkt("POINT(0 0)"))
    layer.addFeature(point)
    said = refused("matchtiepoints", wanted, tmp_path)
    assert "the layer 'my points', whose edits are not saved" in said
    layer.rollBack()


def test_other_files_may_be_replaced(tmp_path, dem):
    wanted = {**small_run("sardistortions", tmp_path), "DEM": dem}
    for _ in range(2):
        processing.run("sarbridge:sardistortions", wanted)
    assert QgsRasterLayer(wanted["OUTPUT"]).isValid()
