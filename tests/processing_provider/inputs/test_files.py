"""The files behind an input: those that any spelling names, and those that they refer to, however far that goes."""

import html
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("qgis.core")

from osgeo import gdal, ogr  # noqa: E402
from sarbridge.processing_provider.inputs.files import files_behind, is_same_file  # noqa: E402
from sarbridge.tests.rasters import write_raster  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application", "gdal_failures")

VALUES = np.ones((4, 4))


@pytest.fixture
def raster(tmp_path):
    return Path(write_raster(tmp_path / "a.tif", VALUES))


def is_behind(path, text):
    return any(is_same_file(Path(path), file) for file in files_behind(str(text)))


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "{}|option:NUM_THREADS=2",
        "GTIFF_DIR:1:{}",
        "vrt://{}?bands=1",
        "GTIFF_RAW:{}",
        'NETCDF:"{}":v',
        "GPKG:{}:raster",
        "/vsisubfile/0_100,{}",
        "/vsigzip/{}",
        "file://{}?type=csv&xField=x",
        "dbname='{}' table=\"t\" (geom)",
        "ogr:dbname='{}' table=\"t\" (geom) sql=",
        "?layer=ogr:{}:name:UTF-8&query=SELECT%20*",
        "<VRTDataset><SourceFilename>{}</SourceFilename></VRTDataset>",
    ],
)
def test_a_source_names_its_file(raster, text):
    assert is_behind(raster, text.format(raster))


@pytest.mark.parametrize(
    "name", ["a b.tif", "a|b.tif", "a%20b.tif", "a#b?.tif", "ä'\"<&.tif", "a,b=(c).tif", "日本.tif"]
)
def test_odd_names_are_names(tmp_path, name):
    path = write_raster(tmp_path / f"{name}.tif", VALUES)
    assert is_behind(path, path)


def test_names_are_found_relative_links_followed_and_others_left_out(raster, tmp_path, monkeypatch):
    other = write_raster(tmp_path / "b.tif", VALUES)
    (tmp_path / "link.tif").symlink_to(raster)
    os.link(raster, tmp_path / "hard.tif")
    monkeypatch.chdir(tmp_path)
    for text in ("a.tif", "./a.tif", "../" + tmp_path.name + "/a.tif", "link.tif", "hard.tif"):
        assert is_behind(raster, text) and not is_behind(other, text)
    for text in ("", "missing.tif", "\0", "x" * 5000, "https://example.org/a.tif.zip", "0,1,0,1 [EPSG:32633]"):
        assert not is_behind(raster, text)


def test_a_folder_of_shapefiles_holds_them(tmp_path):
    shapes = ogr.GetDriverByName("ESRI Shapefile").CreateDataSource(str(tmp_path / "s.shp"))
    shapes.CreateLayer("s").CreateField(ogr.FieldDefn("h"))
    shapes = None
    assert is_behind(tmp_path / "s.shp", tmp_path) and is_behind(tmp_path / "s.dbf", f"{tmp_path}|layername=s")


def test_a_virtual_layer_names_as_many_files_as_it_likes(raster, tmp_path):
    missing = "&".join(f"layer=ogr:{tmp_path}/{number}.shp:name{number}:UTF-8" for number in range(50))
    assert is_behind(raster, f"?{missing}&layer=ogr:{raster}:name:UTF-8&query=SELECT%20*")


def test_a_sparse_file_is_made_of_others(raster, tmp_path):
    region = f"<SubfileRegion><Filename relative='1'>{raster.name}</Filename></SubfileRegion>"
    (tmp_path / "sparse.xml").write_text(f"<VSISparseFile><Length>9</Length>{region}</VSISparseFile>")
    assert is_behind(raster, f"/vsisparse/{tmp_path}/sparse.xml")


def test_an_archive_holds_what_is_in_it(raster, tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.write(raster, "in/a.tif")
    assert is_behind(tmp_path / "x.zip", f"/vsizip/{tmp_path}/x.zip/in/a.tif")
    assert is_behind(tmp_path / "x.zip", f"/vsizip/{{{tmp_path}/x.zip}}/in/a.tif")


def test_what_belongs_to_a_file_is_behind_it(raster, tmp_path):
    dataset = gdal.Open(str(raster))
    dataset.BuildOverviews("NEAREST", [2])
    dataset.GetRasterBand(1).ComputeStatistics(False)
    dataset = None
    assert next(files_behind(str(raster))) == raster  # a refusal names the image, not what lies beside it
    for ending in (".ovr", ".aux.xml"):
        assert is_behind(f"{raster}{ending}", raster)
    shapes = ogr.GetDriverByName("ESRI Shapefile").CreateDataSource(str(tmp_path / "s.shp"))
    shapes.CreateLayer("s").CreateField(ogr.FieldDefn("h"))
    shapes = None
    assert is_behind(tmp_path / "s.dbf", tmp_path / "s.shp") and is_behind(tmp_path / "s.shx", tmp_path / "s.shp")


def test_a_virtual_raster_refers_on_and_on(raster, tmp_path):
    """Relative and absolute, plain and warped; a circle ends as well."""
    below = tmp_path / "below"
    below.mkdir()
    gdal.Translate(str(tmp_path / "1.vrt"), str(raster), format="VRT")
    gdal.Warp(str(below / "2.vrt"), str(tmp_path / "1.vrt"), format="VRT", dstSRS="EPSG:3857")
    gdal.BuildVRT(str(tmp_path / "3.vrt"), [str(below / "2.vrt")])
    gdal.BuildVRT(str(below / "4.vrt"), [str(tmp_path / "3.vrt")])
    for path in (raster, tmp_path / "1.vrt", below / "2.vrt", tmp_path / "3.vrt", below / "4.vrt"):
        assert is_behind(path, below / "4.vrt")
    assert not is_behind(below / "4.vrt", tmp_path / "3.vrt")
    (tmp_path / "1.vrt").write_text((tmp_path / "1.vrt").read_text().replace("a.tif", "below/4.vrt"))
    assert not is_behind(raster, below / "4.vrt")


def virtual(path, source):
    """Write a VRT whose source is just so much text."""
    name = f'<SourceFilename relativeToVRT="1">{html.escape(source)}</SourceFilename>'
    band = f'<VRTRasterBand dataType="Byte" band="1"><SimpleSource>{name}</SimpleSource></VRTRasterBand>'
    text = f'<VRTDataset rasterXSize="4" rasterYSize="4">{band}</VRTDataset>'
    path.write_text(text)
    return text


@pytest.mark.parametrize("form", ["GTIFF_DIR:1:{}", "/vsisubfile/0_9,{}", "{}", 'NETCDF:"{}":v'])
def test_a_virtual_raster_refers_to_a_part_of_a_file(raster, tmp_path, form):
    virtual(tmp_path / "v.vrt", form.format(raster))
    assert is_behind(raster, tmp_path / "v.vrt")
    virtual(tmp_path / "v.vrt", virtual(tmp_path / "w.vrt", virtual(tmp_path / "w.vrt", form.format(raster))))
    assert is_behind(raster, tmp_path / "v.vrt")


def test_a_virtual_vector_layer_refers_to_its_source(tmp_path):
    points = ogr.GetDriverByName("GPKG").CreateDataSource(str(tmp_path / "p.gpkg"))
    points.CreateLayer("p")
    points = None
    layer = '<OGRVRTLayer name="p"><SrcDataSource relativeToVRT="1">p.gpkg</SrcDataSource></OGRVRTLayer>'
    (tmp_path / "v.vrt").write_text(f"<OGRVRTDataSource>{layer}</OGRVRTDataSource>")
    assert is_behind(tmp_path / "p.gpkg", tmp_path / "v.vrt")


def test_what_is_no_file_is_not_waited_for_and_entities_have_no_effect(raster, tmp_path):
    os.mkfifo(tmp_path / "pipe.tif")
    virtual(tmp_path / "v.vrt", "pipe.tif")
    assert not is_behind(raster, tmp_path / "v.vrt") and not is_behind(raster, tmp_path / "pipe.tif")
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    (tmp_path / "v.vrt").write_text(f'<!DOCTYPE x [<!ENTITY e0 "a.tif">{bomb}]><VRTDataset>&e29;</VRTDataset>')
    list(files_behind(str(tmp_path / "v.vrt")))
