"""Files are complete or not there, whatever happens; read-only and full disks are small mounted ones."""

import os
import subprocess

import numpy as np
import pytest
import rasterio
from sarbridge.contract import finished_file as module
from sarbridge.contract.errors import UserError
from sarbridge.contract.finished_file import (
    finished_file,
    finished_files,
    is_temporary,
    remove_unfinished,
    scratch_folder,
)


def write_raster(path, size):
    values = np.random.default_rng(0).random((1, size, size), dtype=np.float32)
    profile = {"driver": "GTiff", "width": size, "height": size, "count": 1, "dtype": "float32", "crs": "EPSG:32632"}
    with rasterio.open(path, "w", transform=rasterio.transform.from_origin(0, 0, 10, 10), **profile) as file:
        file.write(values)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_appears_when_complete(tmp_path):
    path = tmp_path / "result.tif"
    with finished_file(path) as temporary:
        assert temporary.parent == tmp_path and temporary.suffix == ".tif"
        write_raster(temporary, 8)
        assert not path.exists()
    assert names(tmp_path) == ["result.tif"]
    with rasterio.open(path) as file:
        assert file.shape == (8, 8)


def test_failure_leaves_the_existing_file_and_nothing_else(tmp_path):
    path = tmp_path / "result.tif"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), finished_file(path) as temporary:
        temporary.write_text("half")
        temporary.with_name(temporary.name + ".aux.xml").write_text("half")
        raise ZeroDivisionError
    assert names(tmp_path) == ["result.tif"]
    assert path.read_text() == "old"


def test_sidecars_come_along_and_old_ones_go(tmp_path):
    path = tmp_path / "result.tif"
    for ending in ("", ".aux.xml", ".msk"):
        (tmp_path / f"result.tif{ending}").write_text("old")
    with finished_file(path) as temporary:
        write_raster(temporary, 64)
        with rasterio.Env(TIFF_USE_OVR=True), rasterio.open(temporary, "r+") as file:
            file.build_overviews([2])
        temporary.with_name(temporary.name + ".aux.xml").write_text("new")
    assert names(tmp_path) == ["result.tif", "result.tif.aux.xml", "result.tif.ovr"]
    assert (tmp_path / "result.tif.aux.xml").read_text() == "new"
    (tmp_path / "result.tif.aux.xml").unlink()
    with rasterio.open(path) as file:
        assert file.overviews(1) == [2]


def test_a_block_that_writes_nothing_is_a_bug(tmp_path):
    with pytest.raises(FileNotFoundError), finished_file(tmp_path / "result.tif"):
        pass


def test_missing_folder_is_named(tmp_path):
    folder = tmp_path / "missing"
    with pytest.raises(UserError, match=f"'{folder}' does not exist"), finished_file(folder / "result.tif"):
        raise AssertionError("must not get here")


def test_a_folder_in_the_way_is_named(tmp_path):
    path = tmp_path / "result.tif"
    path.mkdir()
    with pytest.raises(UserError, match=f"'{path}' cannot be replaced"), finished_file(path) as temporary:
        temporary.write_text("text")
    assert names(tmp_path) == ["result.tif"]


def test_read_only_folder_is_named(small_disk):
    (small_disk / "result.tif").write_text("old")
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with (
        pytest.raises(UserError, match=f"'{small_disk}' cannot be written to"),
        finished_file(small_disk / "result.tif"),
    ):
        raise AssertionError("must not get here")
    assert (small_disk / "result.tif").read_text() == "old"


def test_full_disk_is_named_and_the_existing_file_stays(small_disk):
    (small_disk / "result.tif").write_text("old")
    with (
        pytest.raises(UserError, match=f"'{small_disk}' is full"),
        finished_file(small_disk / "result.tif") as temporary,
    ):
        write_raster(temporary, 2000)
    assert names(small_disk) == ["result.tif"]
    assert (small_disk / "result.tif").read_text() == "old"


def test_a_file_that_was_truncated_without_an_error_is_found_out(small_disk):
    """The pixels just fit, the directory behind them does not: rasterio closes the file without an error."""
    write_raster(small_disk / "straight.tif", 512)
    with pytest.raises(rasterio.errors.RasterioIOError), rasterio.open(small_disk / "straight.tif") as file:
        file.read()
    (small_disk / "straight.tif").unlink()
    with (
        pytest.raises(UserError, match=f"'{small_disk}' is full"),
        finished_file(small_disk / "result.tif") as temporary,
    ):
        write_raster(temporary, 512)
    assert names(small_disk) == []


def test_full_disk_is_found_before_the_work(small_disk):
    with pytest.raises(OSError, match="No space"), (small_disk / "filler").open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(4096))
    with pytest.raises(UserError, match="is full"), finished_file(small_disk / "result.tif"):
        raise AssertionError("must not get here")
    assert names(small_disk) == ["filler"]


def test_of_several_files_none_appears_where_one_does_not_fit(small_disk, tmp_path):
    (small_disk / "filler").write_bytes(bytes(1024 * 1024 - 20_000))
    paths = [tmp_path / "fits.txt", small_disk / "fits_barely.txt"]
    with pytest.raises(UserError, match=f"'{small_disk}' is full"), finished_files(paths) as temporaries:
        for temporary in temporaries:
            temporary.write_text("text")
    assert names(tmp_path) == ["disk"] and names(small_disk) == ["filler"]
    (small_disk / "filler").unlink()
    with finished_files(paths) as temporaries:
        for temporary, path in zip(temporaries, paths):
            temporary.write_text(path.name)
    assert [path.read_text() for path in paths] == [path.name for path in paths]


def test_names_that_differ_by_case_only_are_one_file_on_a_disk_that_ignores_case(tmp_path, monkeypatch):
    paths = [tmp_path / "A.tif", tmp_path / "a.tif"]
    with finished_files(paths) as temporaries:  # two files on a disk that does not
        for temporary in temporaries:
            temporary.write_text("text")
    monkeypatch.setattr(module, "_ignores_case", lambda folder: True)
    with pytest.raises(UserError, match=f"^Two outputs have the same name, '{paths[0]}'"), finished_files(paths):
        raise AssertionError("must not get here")
    with finished_files([paths[0], tmp_path / "b.tif"]) as temporaries:
        for temporary in temporaries:
            temporary.write_text("text")
    assert names(tmp_path) == ["A.tif", "a.tif", "b.tif"]


def test_one_file_is_told_by_whatever_path_leads_to_it(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "out")
    for other in ("out/../out/z.tif", "link/z.tif", "./out//z.tif"):
        paths = [tmp_path / "out" / "z.tif", f"{tmp_path}/{other}"]
        with pytest.raises(UserError, match="Two outputs have the same name"), finished_files(paths):
            raise AssertionError("must not get here")
    assert names(tmp_path / "out") == []


def test_all_files_stay_as_they_were_where_one_temporary_is_missing(tmp_path):
    paths = [tmp_path / "a.tif", tmp_path / "b.tif"]
    paths[0].write_text("old")
    with pytest.raises(FileNotFoundError), finished_files(paths) as temporaries:
        temporaries[0].write_text("new")
    assert names(tmp_path) == ["a.tif"] and paths[0].read_text() == "old"


def test_all_files_and_their_companions_stay_as_they_were_where_one_cannot_be_replaced(tmp_path):
    paths = [tmp_path / name for name in ("new.tif", "old.tif", "folder.tif")]
    for name in ("old.tif", "old.tif.aux.xml", "old.tif.ovr"):
        (tmp_path / name).write_text("old")
    paths[2].mkdir()
    with pytest.raises(UserError, match=f"'{paths[2]}' cannot be replaced"), finished_files(paths) as temporaries:
        for temporary in temporaries:
            temporary.write_text("new")
            temporary.with_name(temporary.name + ".aux.xml").write_text("new")
    assert names(tmp_path) == ["folder.tif", "old.tif", "old.tif.aux.xml", "old.tif.ovr"]
    assert {path.read_text() for path in tmp_path.iterdir() if path.is_file()} == {"old"}


def test_files_are_replaced_on_a_disk_without_hard_links(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(os, "link", refuse)
    test_sidecars_come_along_and_old_ones_go(tmp_path)
    for path in tmp_path.iterdir():
        path.unlink()
    test_all_files_and_their_companions_stay_as_they_were_where_one_cannot_be_replaced(tmp_path)


@pytest.mark.parametrize("part", [".dbf", ".prj", ".cpg", ".qix"])
def test_a_new_shapefile_takes_no_file_of_others_for_its_part(tmp_path, part):
    """A table that stands alone is a .dbf, and the .prj beside it may be that of an ASCII grid."""
    (tmp_path / f"points{part}").write_text("of others")
    with (
        pytest.raises(UserError, match=f"'points.shp' would replace the file '.*points{part}', which belongs"),
        finished_file(tmp_path / "points.shp"),
    ):
        raise AssertionError("must not get here")
    assert names(tmp_path) == [f"points{part}"]


def test_what_a_database_that_is_away_has_not_taken_in_is_not_removed(tmp_path):
    (tmp_path / "city.gpkg-wal").write_text("committed")
    with (
        pytest.raises(UserError, match="'city.gpkg' would replace the file '.*city.gpkg-wal', which belongs"),
        finished_file(tmp_path / "city.gpkg"),
    ):
        raise AssertionError("must not get here")
    assert names(tmp_path) == ["city.gpkg-wal"]


def test_parts_of_an_older_shapefile_go_with_it(tmp_path):
    for ending in (".shp", ".dbf", ".sbn", ".tif"):
        (tmp_path / f"points{ending}").write_text("old")
    with finished_file(tmp_path / "points.shp") as temporary:
        for ending in (".shp", ".dbf", ".prj"):
            temporary.with_suffix(ending).write_text("new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {
        **dict.fromkeys(["points.shp", "points.dbf", "points.prj"], "new"),
        "points.tif": "old",
    }


@pytest.mark.parametrize("length", [200, 247, 255])
def test_a_long_name_is_a_name(tmp_path, length):
    path = tmp_path / ("n" * (length - 4) + ".tif")
    for text in ("old", "new"):
        with finished_file(path) as temporary:
            temporary.write_text(text)
    assert names(tmp_path) == [path.name] and path.read_text() == "new"


def test_only_names_of_our_own_are_temporary():
    assert is_temporary("/tmp/.sarbridge-" + 32 * "a") and is_temporary("/tmp/.sarbridge-" + 32 * "0" + ".tif")
    for other in ("/", "*", "/home/me/points.gpkg", "/tmp/.sarbridge-", "/tmp/.sarbridge-" + 32 * "a" + "/..", "\0"):
        assert not is_temporary(other)


def test_a_disk_that_fills_up_in_a_scratch_folder_is_named_although_the_folder_goes(small_disk):
    path = small_disk / "result.tif"
    with (
        pytest.raises(UserError, match=f"'{small_disk}' is full"),
        finished_file(path) as temporary,
        scratch_folder(path) as folder,
    ):
        temporary.write_text("text")
        write_raster(folder / "big.tif", 2000)
    assert names(small_disk) == []


def test_what_belonged_to_an_older_vector_file_goes(tmp_path):
    for ending in (".gpkg", ".gpkg-wal", ".txt"):
        (tmp_path / f"points{ending}").write_text("old")
    with finished_file(tmp_path / "points.gpkg") as temporary:
        temporary.write_text("new")
        assert (tmp_path / "points.gpkg-wal").exists()
    assert names(tmp_path) == ["points.gpkg", "points.txt"]


def test_a_scratch_folder_is_gone_afterwards(tmp_path):
    with pytest.raises(ZeroDivisionError), scratch_folder(tmp_path / "result.tif") as folder:
        assert folder.parent == tmp_path
        (folder / "warped.vrt").write_text("text")
        raise ZeroDivisionError
    assert names(tmp_path) == []


def test_a_scratch_folder_can_be_removed_by_others(tmp_path):
    with scratch_folder(tmp_path / "result.tif") as folder:
        (folder / "warped.vrt").write_text("text")
        remove_unfinished(folder)
        assert names(tmp_path) == []


def test_a_failure_on_a_disk_with_space_is_not_blamed_on_it(tmp_path):
    with pytest.raises(OSError, match="broken input"), finished_file(tmp_path / "result.tif"):
        raise OSError("broken input")


def test_announced_before_it_exists_and_removable_by_others(tmp_path, monkeypatch):
    announced = []

    def listen(path):
        announced.append((path, os.path.exists(path)))  # noqa: PTH110

    monkeypatch.setattr(module, "_announce", None)  # restored after the test
    module.announce_to(listen)
    with pytest.raises(FileNotFoundError), finished_file(tmp_path / "result.tif") as temporary:
        assert announced == [(str(temporary), False)]
        temporary.write_text("half")
        temporary.with_name(temporary.name + ".ovr").write_text("half")
        remove_unfinished(announced[0][0])
        assert names(tmp_path) == []
