"""Data sets of patches: pairs of images, an index of both splits, and nothing where they cannot be made."""

import csv

import numpy as np
import pytest
import rasterio
from sarbridge.contract.errors import UserError
from sarbridge.contract.training_jobs import BuildPatchesJob
from sarbridge.engine.translation import build_patches
from sarbridge.recipes.pairs import read_pair
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.translation.aligned import relief, write_layers
from sarbridge.tests.engine.translation.sar_images import LEFT, TOP


def test_patches_are_written_where_they_lie(tmp_path, out):
    layers = write_layers(tmp_path, heights=True)
    numbers = build_patches.run(BuildPatchesJob(layers, str(out / "set")), KeptReports())["numbers"]
    assert [path.name for path in out.iterdir()] == ["set"]
    with (out / "set" / "patches.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == numbers["PATCHES"] == 45
    counted = [row["place_split"] for row in rows]
    assert counted.count("training") == numbers["TRAINING_PATCHES"] > counted.count("validation") > 0
    assert numbers["VALIDATION_PATCHES"] == counted.count("validation") and set(counted) - {"between"} < set(counted)
    assert [row["random_split"] for row in rows].count("validation") == 9
    row = rows[10]
    assert (row["name"], row["col"], row["row"]) == ("0011", "32", "32")
    left, top = LEFT + 320, TOP - 320
    corners = [(left, top), (left + 640, top), (left + 640, top - 640), (left, top - 640), (left, top)]
    assert row["outline"] == f"POLYGON (({', '.join(f'{x} {y}' for x, y in corners)}))"
    with rasterio.open(out / "set" / row["sar"]) as sar, rasterio.open(layers.sar.path) as whole:
        assert sar.bounds == (left, top - 640, left + 640, top) and sar.descriptions == ("VV", "VH")
        low, high = (float(sar.tags(2)[name]) for name in ("LOW", "HIGH"))
        expected = whole.read(2)[32:96, 32:96].clip(low, high)
        assert np.abs(low + (high - low) * sar.read(2) / 255 - expected).max() < (high - low) / 500
    with rasterio.open(out / "set" / row["dem"]) as dem:
        np.testing.assert_allclose(dem.read(1), 300 + 100 * relief(192, 320, 2)[32:96, 32:96], rtol=1e-5)
    pair = read_pair(out / "set", "0011")  # as the recipes read their sets
    assert pair.sar.shape == (2, 64, 64) and pair.optical.shape == (3, 64, 64)


def test_zeros_that_nobody_declares_are_told(tmp_path):
    """Of both images, as a swath's edge leaves them."""
    layers = write_layers(tmp_path)
    beyond = np.add.outer(np.arange(192), np.arange(320)) < 120
    for source in (layers.sar, layers.optical):
        with rasterio.open(source.path, "r+") as file:
            file.write(np.where(beyond, 0, file.read()))
    reporter = KeptReports()
    build_patches.run(BuildPatchesJob(layers, str(tmp_path / "set")), reporter)
    told = [text for text in reporter.texts["warning"] if "are exactly 0" in text]
    assert [text.split("'")[1] for text in told] == ["s1", "s2"]


def test_a_folder_that_exists_stays_as_it_is(tmp_path, out):
    (out / "set").mkdir()
    with pytest.raises(UserError, match="There is a file or folder '.*set' already"):
        build_patches.run(BuildPatchesJob(write_layers(tmp_path), str(out / "set")), KeptReports())
    assert list((out / "set").iterdir()) == []


def test_a_run_that_ends_early_leaves_nothing(tmp_path, out, monkeypatch):
    def fails(grid):
        raise OSError("gone")

    monkeypatch.setattr(build_patches, "_outline", fails)
    with pytest.raises(OSError, match="gone"):
        build_patches.run(BuildPatchesJob(write_layers(tmp_path), str(out / "set")), KeptReports())
    assert list(out.iterdir()) == []


def test_a_full_disk_is_a_sentence(tmp_path, small_disk):
    layers = write_layers(tmp_path, 640, 640)
    with pytest.raises(UserError, match="is full: free some space"):
        build_patches.run(BuildPatchesJob(layers, str(small_disk / "set")), KeptReports())
    assert list(small_disk.iterdir()) == []
