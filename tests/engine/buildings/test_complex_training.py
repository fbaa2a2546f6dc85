"""Training MERLIN-Seg on a complex layer: a model that finds its buildings, the same however often it was cut off."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from rasterio.transform import Affine
from sarbridge.contract.building_training_jobs import BOTH_TASKS, MERLIN_SEG
from sarbridge.contract.buildings_jobs import ExtractBuildingsJob
from sarbridge.contract.errors import UserError
from sarbridge.engine.buildings import extract_buildings, train_buildings
from sarbridge.engine.buildings.complex_training import teaching
from sarbridge.engine.buildings.complex_training.labelled_patches import labelled_patches
from sarbridge.engine.buildings.complex_training.teaching import Samples
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.buildings.layers_to_learn import job_of, raster
from sarbridge.tests.engine.buildings.radar_town import footprints, houses, radar_town, taken
from sarbridge.tests.engine.buildings.scenes import LEFT, TOP, square
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.rasters.placed_images import UTM31, write_anywhere
from sarbridge.tests.engine.training.impatient import CutOff, Impatient
from sarbridge.tests.engine.whole_training import whole_training
from sarbridge.tests.toy_segmenter import write_segmenter

pytestmark = pytest.mark.usefixtures("one_thread")

SIDE = 208
"""Metres of the town."""


@pytest.fixture(autouse=True)
def tiny_network(monkeypatch):
    monkeypatch.setattr(teaching, "ARGUMENTS", {"levels": 2, "width": 4})


def merlin_job(layers, out, **entries):
    return job_of(layers, out, method=MERLIN_SEG, **entries)


def run(job):
    reporter = KeptReports()
    return whole_training(train_buildings, job, reporter)["numbers"], reporter


def area(path, *shapes):
    return footprints(path, [(shape, None) for shape in shapes])


def boxes(places):
    return [np.array(each.place.window) for each in places]


def share_pixels(one, other):
    return (np.abs(one[:2] - other[:2]) < one[2:]).all()


def test_a_model_is_learnt_that_extraction_takes(tmp_path, out):
    layers = radar_town(tmp_path)
    job = merlin_job(layers, out, epochs=12, rate=5e-3, report=str(out / "report.html"))
    assert job.phases == (BOTH_TASKS,)
    numbers, _ = run(job)
    assert sorted(path.name for path in out.iterdir()) == ["mine.safetensors", "report.html"]
    assert numbers["IOU"] > numbers["BRIGHTNESS_IOU"] and numbers["IOU"] > 0.3
    assert np.isfinite(numbers["MERLIN_LOSS"]) and 0 < numbers["THRESHOLD"] < 1
    assert numbers["LABELLED_PATCHES"] <= numbers["TRAINING_PATCHES"]
    card, _ = load_model(job.output, "buildings")
    assert card.inputs["sar"]["unit"] == "complex" and card.inputs["sar"]["polarisations"] == ["HH"]
    assert card.outputs.keys() == {"footprint"} and card.operating_point == {"threshold": numbers["THRESHOLD"]}
    assert card.training_sets == ("slc", "houses") and card.validation["merlin_loss"] == numbers["MERLIN_LOSS"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("<img") == 3 * min(6, numbers["VALIDATION_PATCHES"]) + 1
    assert "MERLIN loss" in page and "The spectrum of layer" in page and "labelled" in page.lower()
    extraction = ExtractBuildingsJob(
        layers.sar, job.output, str(out / "found.jsonl"), str(out / "mask.tif"), ("HH",), min_area=20.0
    )
    assert extract_buildings.run(extraction, KeptReports())["numbers"]["BUILDING_COUNT"] > 0


def test_few_labels_in_a_corner_are_told_apart_by_place_and_all_else_is_learnt_from(tmp_path):
    corner = area(tmp_path / "corner.jsonl", square(0, 0, 110, SIDE))
    with labelled_patches(radar_town(tmp_path, area=corner), KeptReports()) as patches:
        learnt, kept = boxes(patches.training), boxes(patches.validation)
        labelled, samples = boxes(patches.labelled), [each.sample() for each in patches.training]
        whole = [each.sample() for each in patches.validation]
    assert kept and 0 < len(labelled) < len(learnt)
    assert not any(share_pixels(one, other) for one in learnt for other in kept)
    assert all(sample.is_labelled.float().mean() >= 0.5 for sample in samples[: len(labelled)])
    assert not any(sample.is_labelled.any() or sample.labels.any() for sample in samples[len(labelled) :])
    assert all(sample.is_labelled.float().mean() >= 0.5 for sample in whole)
    built = np.mean([float(each.labels[each.is_labelled].mean()) for each in samples[: len(labelled)]])
    assert patches.negatives == pytest.approx((1 - built) / built, rel=1e-4)


def test_labels_lie_on_the_pixels_that_are_cut_out(tmp_path):
    truth = taken()[1]
    with labelled_patches(radar_town(tmp_path), KeptReports()) as patches:
        both = either = 0
        for each in patches.validation:
            col, row, width, height = each.place.window
            there, sample = truth[row : row + height, col : col + width], each.sample()
            known, found = (image[0, 0].numpy().astype(bool) for image in (sample.is_labelled, sample.labels))
            both, either = both + (found & there & known).sum(), either + ((found | there) & known).sum()
            assert sample.parts.shape == (1, 2, height, width)
    assert both / either > 0.75


def test_batches_depend_on_step_and_seed_alone(tmp_path):
    with labelled_patches(radar_town(tmp_path), KeptReports()) as patches:
        one, other = Samples(patches.training, 1), Samples(patches.training, 2)
        generators = [torch.Generator().manual_seed(seed) for seed in (0, 9)]
        first, again = (one.draw(3, 4, each) for each in generators)
        assert all(torch.equal(*pair) for pair in zip(first, again))
        assert not torch.equal(first.parts, other.draw(3, 4, generators[0]).parts)
        assert first.parts.shape == (4, 2, 64, 64) and first.labels.shape == first.is_labelled.shape


def test_a_training_that_was_cut_off_ends_in_the_same_file(tmp_path, out):
    layers, whole = radar_town(tmp_path), tmp_path / "whole"
    whole.mkdir()
    run(merlin_job(layers, whole))
    job = merlin_job(layers, out)
    with pytest.raises(CutOff):
        whole_training(train_buildings, job, Impatient("Step 3 of"))
    assert [path.name for path in (out / "mine.checkpoint").iterdir()] == ["both_tasks.safetensors"]
    with pytest.raises(UserError, match=r"other settings \(.*incidence: 38.0 instead of 30.0"):
        run(replace(job, layers=replace(layers, incidence=30.0)))
    run(job)
    assert (out / "mine.safetensors").read_bytes() == (whole / "mine.safetensors").read_bytes()
    assert not (out / "mine.checkpoint").exists()


def test_it_starts_from_a_model(tmp_path, out):
    layers = radar_town(tmp_path)
    run(merlin_job(layers, out))
    second = replace(
        merlin_job(layers, out, student=str(out / "mine.safetensors"), rate=1e-9), output=str(out / "b.safetensors")
    )
    run(second)
    one, other = (
        load_model(path, "buildings")[1]["buildings"].state_dict() for path in (second.student, second.output)
    )
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, other[name], atol=1e-3, rtol=1e-2)


def test_on_a_map_pixels_have_a_size(tmp_path, out):
    sar = write_anywhere(tmp_path / "map.tif", taken()[0], Affine(0.8, 0, LEFT, 0, -0.8, TOP))
    given = footprints(tmp_path / "here.jsonl", houses(), UTM31)
    run(merlin_job(radar_town(tmp_path, sar=sar, footprints=given), out))
    smallest, largest = load_model(out / "mine.safetensors", "buildings")[0].pixel_size_range
    assert smallest == largest == pytest.approx(0.8, rel=2e-3)


def _detected(folder):
    return {"sar": replace(raster(folder / "grd.tif", np.abs(taken()[0])), anywhere=True)}


def _bare(folder):
    return {"sar": write_anywhere(folder / "bare.tif", taken()[0])}


def _two(folder):
    return {"sar": write_anywhere(folder / "two.tif", np.tile(taken()[0], (2, 1, 1))), "polarisations": ("", "")}


def _far(folder):
    return {"footprints": footprints(folder / "far.jsonl", [(square(9000, 0, 20), 5.0)])}


BAD = {
    "a detected layer": (_detected, "holds no phase"),
    "an image without a place": (_bare, "Layer 'bare' has no place on the map"),
    "two images": (_two, "2 bands of layer 'two' are chosen"),
    "footprints elsewhere": (_far, "No polygon of layer 'far' lies on layer 'slc'"),
    "one labelled patch": (
        lambda folder: {"area": area(folder / "small.jsonl", square(80, 80, 40))},
        "too few for two parts that share no pixel",
    ),
    "few patches": (lambda folder: {"patch": 256}, "too few for two parts"),
    "nothing but buildings": (
        lambda folder: {"footprints": footprints(folder / "all.jsonl", [(square(-50, -50, 400), None)])},
        "are built up all over",
    ),
    "nothing to validate with": (
        lambda folder: {
            "footprints": footprints(folder / "one.jsonl", [(square(150, 150, 5), None)]),
            "area": area(folder / "whole.jsonl", square(0, 0, SIDE)),
        },
        "shows a building, and nothing can be told from nothing",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_learnt_from_is_one_sentence_and_no_file(case, tmp_path, out):
    make, said = BAD[case]
    with pytest.raises(UserError, match=said):
        run(merlin_job(radar_town(tmp_path, **make(tmp_path)), out))
    assert not list(out.iterdir())


@pytest.mark.parametrize(
    ("changes", "entries", "said"),
    [
        ({"sar": None, "polarisations": ()}, {}, "choose a complex SAR layer"),
        ({"footprints": None}, {}, "choose one, as without any nothing shows MERLIN-Seg what a building is"),
        ({}, {"architecture": "pspnet"}, "so that 'PSPNet' would not be used"),
        ({}, {"fine_tuning": "decoder"}, "so that 'the decoder alone' would not be used"),
        ({}, {"teacher": "t"}, "which method 'merlin_seg' does not use"),
    ],
)
def test_what_would_not_be_used_is_refused(changes, entries, said, tmp_path, out):
    layers = replace(radar_town(tmp_path), **changes)
    if not layers.sar:
        layers = replace(layers, optical=raster(tmp_path / "photo.tif", np.ones((3, 9, 9), np.uint8)))
    with pytest.raises(UserError, match=said):
        merlin_job(layers, out, **entries)


def test_a_model_of_another_kind_to_start_from(tmp_path, out):
    student = write_segmenter(tmp_path / "toy.safetensors")
    with pytest.raises(UserError, match="'Toy builder' to begin with is no MERLIN-Seg"):
        run(merlin_job(radar_town(tmp_path), out, student=str(student)))
    assert not list(out.iterdir())
