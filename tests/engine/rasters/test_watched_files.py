"""A raster that is replaced, cut or removed while it is read is noticed, however its files are referred to."""

import os
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio.transform import Affine
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.coregistration.coregister import run
from sarbridge.engine.rasters.paired_parts import as_complex
from sarbridge.engine.rasters.source_file import open_anywhere, open_source
from sarbridge.engine.reporting import Reporter
from sarbridge.tests.coordinate_images import UTM, coordinates, job_for, tie_points, write

LONGEST_NAME = 255
"""Characters before a slash beyond which file systems fail instead of saying that there is no such file."""

CHANGED = "Layer 'a' was changed while it was read .*: run again when nothing writes to it"


def image(path, value=1):
    place = {"crs": UTM, "transform": Affine(10, 0, 500_000, 0, -10, 5_300_000)}
    with rasterio.open(path, "w", "GTiff", width=64, height=64, count=1, dtype="uint8", **place) as file:
        file.write(np.full((1, 64, 64), value, np.uint8))
    return path


def source_of(path):
    return RasterSource("a", str(path), UTM)


def replaced(path):
    image(path.with_name("new.tif"), 2).replace(path)


def written_over(path):
    path.write_bytes(path.read_bytes()[:-1] + b"\7")


def cut(path):
    os.truncate(path, 200)


def removed(path):
    path.unlink()


CHANGES = pytest.mark.parametrize("change", [replaced, written_over, cut, removed])


@CHANGES
def test_a_raster_that_changes_while_it_is_open_is_noticed(tmp_path, change):
    path = image(tmp_path / "a.tif")
    with pytest.raises(UserError, match=CHANGED), open_source(source_of(path)):
        change(path)


@CHANGES
def test_a_file_behind_two_virtual_rasters_is_watched_too(tmp_path, change):
    path, inner, outer = image(tmp_path / "a.tif"), tmp_path / "inner.vrt", tmp_path / "outer.vrt"
    rasterio.shutil.copy(path, inner, driver="VRT")
    rasterio.shutil.copy(inner, outer, driver="VRT")
    # What GDAL writes of a virtual raster refers to the image itself.
    outer.write_text(outer.read_text().replace(">a.tif<", ">inner.vrt<"))
    assert "inner.vrt" in outer.read_text()
    with pytest.raises(UserError, match=CHANGED), open_source(source_of(outer)):
        change(path)


@CHANGES
def test_a_file_behind_a_virtual_raster_in_no_file_is_watched_however_long_that_is(tmp_path, change):
    path = image(tmp_path / "a.tif")
    source = source_of(path)
    parts = as_complex(replace(source, crs=UTM.to_wkt().replace("/", ""), bands=(1, 1)))
    assert parts.path.index("/") > LONGEST_NAME
    with pytest.raises(UserError, match=CHANGED), open_anywhere(parts):
        change(path)


def test_an_archive_that_gdal_looks_into_is_watched(tmp_path):
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(image(tmp_path / "a.tif"), "a.tif")
    with pytest.raises(UserError, match=CHANGED), open_source(source_of(f"/vsizip/{archive}/a.tif")):
        written_over(archive)


def test_virtual_rasters_that_refer_to_each_other_can_be_watched(tmp_path):
    image(tmp_path / "a.tif")
    for name, other in (("x.vrt", "y.vrt"), ("y.vrt", "x.vrt")):
        rasterio.shutil.copy(tmp_path / "a.tif", tmp_path / name, driver="VRT")
        (tmp_path / name).write_text((tmp_path / name).read_text().replace(">a.tif<", f">{other}<"))
    with open_source(source_of(tmp_path / "x.vrt")) as dataset:
        assert dataset.count == 1


def test_statistics_in_a_virtual_raster_are_no_change_but_another_source_is(tmp_path):
    image(tmp_path / "a.tif")
    path = tmp_path / "a.vrt"
    rasterio.shutil.copy(tmp_path / "a.tif", path, driver="VRT")
    with open_source(source_of(path)):
        path.write_text(path.read_text().replace("</VRTRasterBand>", "<Metadata/></VRTRasterBand>"))
    with pytest.raises(UserError, match=CHANGED), open_source(source_of(path)):
        path.write_text(path.read_text().replace(">a.tif<", ">b.tif<"))


def test_an_error_of_a_changed_raster_is_blamed_on_the_change(tmp_path):
    path = image(tmp_path / "a.tif")
    with pytest.raises(UserError, match=CHANGED), open_source(source_of(path)):
        replaced(path)
        raise UserError("Layer 'a' holds only no data.")


def test_statistics_that_qgis_keeps_beside_the_raster_are_no_change(tmp_path):
    path = image(tmp_path / "a.tif")
    (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset/>")
    with open_source(source_of(path)) as dataset:
        (tmp_path / "a.tif.aux.xml").write_text("<PAMDataset> </PAMDataset>")
    assert dataset.closed


@pytest.mark.parametrize("kind, suffix", [("affine", ".tif"), ("shift", ".tif"), ("shift", ".vrt")])
def test_a_co_registration_of_a_raster_that_is_replaced_meanwhile_leaves_no_output(tmp_path, kind, suffix):
    path = write(tmp_path / "moving.tif", coordinates())
    other = write(tmp_path / "other.tif", coordinates() + 1)

    def replace(message):
        if "RMSE" in message.get("text", "") and other.exists():
            other.replace(path)

    with pytest.raises(UserError, match="was changed while it was read"):
        run(job_for(path, tie_points(kind), tmp_path / f"out{suffix}", kind), Reporter(replace))
    assert [each.name for each in tmp_path.iterdir()] == ["moving.tif"]
