"""The benchmark of inference on something tiny: it maps the whole raster, and its tables hold numbers that can be."""

import re

import numpy as np
import rasterio
from sarbridge.benchmarks import inference, translator_speed
from sarbridge.benchmarks.speckle_raster import write_raster
from sarbridge.tests.toy_translator import write_translator


def rows(table):
    """The cells of the rows of a Markdown table."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")][
        1:
    ]


def test_the_whole_raster_is_mapped(tmp_path):
    write_raster(tmp_path / "image.tif", 600)
    inference.together(tmp_path / "image.tif", tmp_path / "mapped.tif", inference.small_network())
    with rasterio.open(tmp_path / "mapped.tif") as file:
        values = file.read(1)
    assert values.shape == (600, 600) and np.isfinite(values[:-1, :-1]).all() and values[:-1, :-1].std() > 0.1


def test_the_parts_are_timed_alone_and_together():
    (row,) = [line for line in inference.overlap_table(700, rounds=1).splitlines() if re.match(r"\| \d", line)]
    assert len(row.split("|")[1:-1]) == 5


def test_a_translation_stands_beside_its_network_alone(tmp_path):
    model = write_translator(tmp_path / "toy.safetensors")
    small, large = rows(translator_speed.share_table(model, 200, [160, 224], rounds=1))
    assert [small[0], large[0]] == ["160", "224"]
    assert small[1] == "8.76" and large[1] == "3.84", "16 tiles of 148 px, of 160 asked for, for 200² px, and 4 of 196"
    assert all(0 < float(row[4]) < 200 and 0.1 < float(row[6]) < 3 for row in (small, large))


def test_ways_of_a_network_are_compared_with_eager_float32(tmp_path):
    ways = rows(translator_speed.gains_table(write_translator(tmp_path / "toy.safetensors"), 96, rounds=1))
    assert len(ways) == 4 and ways[0][2] == "1.00 ×" and all(float(way[1]) > 0 for way in ways)


def test_memory_is_that_of_a_process_of_its_own():
    ((side, peak, _),) = rows(translator_speed.memory_table([300]))
    assert side == "300 × 300" and 0.1 < float(peak) < 3
