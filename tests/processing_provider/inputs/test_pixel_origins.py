"""The same pixels are found however they are spelled; other bands of one file are other pixels."""

import filecmp
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from osgeo import gdal
from sarbridge.processing_provider.inputs.pixel_origins import origins, shared_origin
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application")


def link(path, folder):
    (folder / "link.tif").symlink_to(path)
    return str(folder / "link.tif")


def hard_link(path, folder):
    os.link(path, folder / "hard.tif")
    return str(folder / "hard.tif")


def copy(path, folder):
    return shutil.copy(path, str(folder / "copy.tif"))


def dots(path, folder):
    (folder / "nothing").mkdir()
    return str(folder / "nothing" / ".." / Path(path).name)


def virtual(path, folder):
    gdal.Translate(str(folder / "virtual.vrt"), path, format="VRT")
    return str(folder / "virtual.vrt")


def virtual_twice(path, folder):
    gdal.BuildVRT(str(folder / "mosaic.vrt"), [virtual(path, folder)])
    return str(folder / "mosaic.vrt")


def warped(path, folder):
    gdal.Warp(str(folder / "warped.vrt"), path, format="VRT", dstSRS="EPSG:4326")
    return str(folder / "warped.vrt")


def separate_bands(path, folder):
    """The image as the second band of a stack."""
    other = write_raster(folder / "other.tif", np.zeros((8, 8)))
    gdal.BuildVRT(str(folder / "stack.vrt"), [other, path], separate=True)
    return str(folder / "stack.vrt")


SPELLINGS = [lambda path, folder: path, link, hard_link, copy, dots, virtual, virtual_twice, warped]


@pytest.fixture
def image(tmp_path):
    return write_raster(tmp_path / "image.tif", np.random.default_rng(0).random((2, 8, 8)))


@pytest.mark.parametrize("spell", SPELLINGS)
def test_the_same_band_is_found_however_it_is_spelled(tmp_path, image, spell):
    spelled = spell(image, tmp_path)
    assert shared_origin(origins(image, [1]), origins(spelled, [1])) != ("", 0)
    assert shared_origin(origins(spelled, [2]), origins(image, [2, 1])) != ("", 0)


@pytest.mark.parametrize("spell", SPELLINGS)
def test_another_band_is_another_image(tmp_path, image, spell):
    assert shared_origin(origins(image, [1]), origins(spell(image, tmp_path), [2])) == ("", 0)


def test_bands_of_a_stack_are_followed_to_their_files(tmp_path, image):
    stack = separate_bands(image, tmp_path)
    assert shared_origin(origins(stack, [2]), origins(image, [1])) == (image, 1)
    assert shared_origin(origins(stack, [1]), origins(image, [1])) == ("", 0)
    assert shared_origin(origins(stack, [1]), origins(stack, [2])) == ("", 0)


def test_of_many_files_only_those_of_one_size_are_compared(tmp_path, monkeypatch):
    """A mosaic shows thousands."""
    compared = []
    monkeypatch.setattr(filecmp, "cmp", lambda *files, shallow: compared.append(files))
    for k in range(50):
        (tmp_path / f"{k}").write_bytes(bytes(k))
        (tmp_path / f"other_{k}").write_bytes(bytes(k + 49))
    one, other = ({(str(path), 1) for path in tmp_path.glob(names)} for names in ("[0-9]*", "other_*"))
    assert shared_origin(one, other) == ("", 0) and compared == [(f"{tmp_path}/49", f"{tmp_path}/other_0")]


def test_subdatasets_of_a_linked_file(tmp_path):
    path = tmp_path / "two.tif"
    for values, options in ((np.zeros((8, 8)), []), (np.ones((8, 8)), ["APPEND_SUBDATASET=YES"])):
        gdal.Translate(str(path), write_raster(tmp_path / "one.tif", values), creationOptions=options)
    (tmp_path / "link.tif").symlink_to(path)
    first, second = (f"GTIFF_DIR:{number}:{path}" for number in (1, 2))
    assert shared_origin(origins(second, [1]), origins(f"GTIFF_DIR:2:{tmp_path}/link.tif", [1])) != ("", 0)
    assert shared_origin(origins(first, [1]), origins(second, [1])) == ("", 0)


def test_what_gdal_cannot_open_is_its_own_origin():
    wcs = "dpiMode=7&identifier=x&url=http://localhost"
    assert shared_origin(origins(wcs, [1]), origins(wcs, [1])) == (wcs, 1)
    assert shared_origin(origins(wcs, [1]), origins(wcs + "9", [1])) == ("", 0)
