"""Matching runs on what no run can do anything with, and on layers that seem to be swapped."""

import re
from dataclasses import replace

import numpy as np
import pytest
import rasterio
from sarbridge.contract.errors import UserError
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.tests.engine.matching.matching_pairs import SIDE, UTM, job, source, write
from sarbridge.tests.tiny_bundle import write_tiny_bundle


def test_swapped_layers_are_mentioned(plain, tmp_path):
    """A colour picture as SAR layer, a single band as optical layer."""
    with rasterio.open(plain[1].path) as dataset:
        values, profile = dataset.read(1), dataset.profile | {"count": 3, "photometric": "RGB"}
    with rasterio.open(tmp_path / "colours.tif", "w", **profile) as dataset:
        dataset.write(np.stack([values] * 3))
    first, second = source("First", str(tmp_path / "colours.tif"), UTM), source("Second", plain[0].path, UTM)
    sent = []
    run(job((first, second)), Reporter(sent.append))
    warnings = [message["text"] for message in sent if message.get("level") == "warning"]
    assert any("'First'" in text and "'Second'" in text and "swapped" in text for text in warnings)


def refusal(wrong_job):
    with pytest.raises(UserError) as error:
        run(wrong_job, NullReporter())
    return str(error.value)


def test_a_colour_table_is_no_brightness(plain, tmp_path):
    with rasterio.open(plain[1].path) as dataset:
        values, profile = dataset.read(1), dataset.profile
    for name, colours, refused in (("greys", (1, 1, 1), False), ("colours", (1, 0, 2), True)):
        path = tmp_path / f"{name}.tif"
        with rasterio.open(path, "w", **profile) as dataset:
            dataset.write(values, 1)
            dataset.write_colormap(1, {value: tuple(value * c % 256 for c in colours) + (255,) for value in range(256)})
        pair = plain[0], source("Palette", str(path), UTM)
        if refused:
            assert "'Palette' has a colour table" in refusal(job(pair))
        else:
            assert run(job(pair), NullReporter())["rows"]


def test_bands_of_two_units_have_no_mean(plain, tmp_path):
    with rasterio.open(plain[0].path) as dataset:
        values, profile = dataset.read(1).astype(np.float32), {**dataset.profile, "count": 2, "dtype": "float32"}
    decibels = -12 + 3 * (values - values.mean()) / values.std()
    path = tmp_path / "both.tif"
    with rasterio.open(path, "w", **profile) as dataset:
        dataset.write(np.stack((decibels, 10 ** (decibels / 10))))
    both = replace(source("Both", str(path), UTM), bands=(1, 2))
    text = refusal(job((both, plain[1])))
    assert "The bands of layer 'Both' differ in unit: band 1 holds" in text and "bring both to one unit" in text
    assert "'Both' cannot hold" in refusal(job((both, plain[1]), sar_unit="power"))


def test_overlap_smaller_than_a_template(plain):
    text = refusal(job(plain, pixel_size=30.0))
    assert "'Radar'" in text and "'Colours'" in text and "107 × 107" in text
    assert "less than one template of 128: choose a smaller pixel size or a larger area" in text


def test_overlap_smaller_than_a_search_window_is_searched_as_far_as_it_goes(plain):
    assert run(job(plain, max_shift=100), NullReporter())["numbers"]["ACCEPTED_COUNT"] >= 25


def test_a_largest_error_that_the_model_does_not_predict(plain, bundle):
    text = refusal(job(plain, method="bridgematch", model=bundle, largest_sigma=1.0))
    assert "'Tiny bundle' predicts no errors: leave the largest predicted error (MAX_SIGMA) empty" in text


def test_model_that_cannot_be_used(plain, bundle, tmp_path):
    learned = {"method": "bridgematch", "model": str(tmp_path / "none.safetensors")}
    assert "none.safetensors' cannot be opened" in refusal(job(plain, **learned))
    with pytest.raises(
        UserError, match="needs a model that holds it: give a model file, as Train matcher writes it, or"
    ):
        job(plain, method="bridgematch")
    assert "'Tiny bundle' holds BridgeMatch, not CorrASL" in refusal(job(plain, method="corrasl", model=bundle))
    other = write_tiny_bundle(tmp_path / "other.safetensors", task="buildings")
    assert "made for the task 'buildings'" in refusal(job(plain, method="bridgematch", model=other))
    filters = write_tiny_bundle(tmp_path / "filters.safetensors", without=("match",))
    assert "'Tiny bundle' holds no network 'match'" in refusal(job(plain, method="bridgematch", model=filters))


def test_a_model_that_the_method_does_not_ask_is_not_read(plain, tmp_path):
    assert run(job(plain, method="ncc", candidates="grid", model=str(tmp_path / "none.safetensors")), NullReporter())
    assert "goodness networks, and none is chosen: choose one" in refusal(job(plain, candidates="goodness_min"))


def test_candidates_by_goodness_with_a_model_that_knows_no_goodness(plain, tmp_path):
    """Said before anything is matched, also where there is one goodness network of two."""
    bare = str(write_tiny_bundle(tmp_path / "bare.safetensors", without=("goodness.sar",)))
    for method in ("bridgematch", "ncc"):
        asked = job(plain, method=method, model=bare, candidates="goodness_max")
        assert "goodness networks, and 'Tiny bundle' holds none: choose one" in refusal(asked)


@pytest.mark.parametrize(("value", "said"), [(np.nan, "only no data"), (-12.0, "only the one value")])
@pytest.mark.parametrize("which", [0, 1])
def test_image_without_content(plain, tmp_path, which, value, said):
    with rasterio.open(plain[0].path) as dataset:
        lattice = dataset.transform
    empty = np.full((SIDE, SIDE), value, "float32")
    pair = list(plain)
    pair[which] = source("Blank", write(tmp_path / "blank.tif", empty, lattice, UTM), UTM)
    assert re.search(f"'Blank'.*{said}", refusal(job(pair)))
