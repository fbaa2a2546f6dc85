"""The benchmark of inference on something tiny: it maps the whole raster, and its tables hold numbers that can be."""

import re

import numpy as np
import rasterio
from sarbridge.benchmarks import inference


def test_the_whole_raster_is_mapped(tmp_path):
    inference.write_raster(tmp_path / "image.tif", 600)
    inference.together(tmp_path / "image.tif", tmp_path / "mapped.tif", inference.small_network())
    with rasterio.open(tmp_path / "mapped.tif") as file:
        values = file.read(1)
    assert values.shape == (600, 600) and np.isfinite(values[:-1, :-1]).all() and values[:-1, :-1].std() > 0.1


def test_memory_is_that_of_a_process_of_its_own():
    ((side, peak),) = re.findall(r"\| (\d+) × \d+ \| ([\d.]+) \|", inference.memory_table([300]))
    assert side == "300" and 0.1 < float(peak) < 3


def test_the_parts_are_timed_alone_and_together():
    (row,) = [line for line in inference.overlap_table(700, rounds=1).splitlines() if re.match(r"\| \d", line)]
    assert len(row.split("|")[1:-1]) == 5
