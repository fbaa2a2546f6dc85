"""The benchmark of the extraction of buildings on something tiny: its tables hold numbers that can be."""

import pytest
from sarbridge.benchmarks import building_speed
from sarbridge.models.card import read_card
from sarbridge.tests.benchmarks.test_inference import rows
from sarbridge.tests.toy_segmenter import write_segmenter


@pytest.fixture(params=[10.0, 1.0])
def model(request, tmp_path):
    """Models for pixels of the benchmark's own size, and of another one."""
    pixels = {"working_pixel": request.param, "pixel_size_range": (request.param, request.param)}
    return write_segmenter(tmp_path / "toy.safetensors", **pixels)


def test_an_extraction_stands_beside_its_network_alone(model):
    straight, turned = rows(building_speed.share_table(model, 200, [224], rounds=1))
    assert straight[:3] == ["180°", "224", "9"] and turned[0] == "210°" and int(straight[8]) > 0
    for row in (straight, turned):
        assert 0 < float(row[7]) <= float(row[5]) < 200


def test_tiles_that_hold_nothing_of_a_turned_layer_do_not_count(model):
    card = read_card(model)
    _, straight = building_speed.tiles_of(card, 2000, building_speed.AS_IT_LIES, 224)
    _, turned = building_speed.tiles_of(card, 2000, building_speed.TURNED, 224)
    assert straight == 21**2 and straight < turned < 1.5 * straight


def test_memory_is_that_of_a_process_of_its_own():
    ((side, peak, _, _),) = rows(building_speed.memory_table([100]))
    assert side == "100 × 100" and 0.1 < float(peak) < 3
