"""Training on users' layers: a model that finds buildings, the same one however often it was cut off, or a sentence."""

import errno
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import rasterio
import shapely
import torch
from sarbridge.contract.building_training_jobs import (
    FOOTPRINTS,
    HETEROGENEOUS,
    PLAIN,
    RECONSTRUCTION,
    TEACHER,
    TEACHER_TASK,
    BuildingLayers,
)
from sarbridge.contract.buildings_jobs import ExtractBuildingsJob
from sarbridge.contract.errors import UserError
from sarbridge.engine.buildings import extract_buildings, train_buildings
from sarbridge.engine.buildings.training import curricula
from sarbridge.engine.training import checkpoint, pace
from sarbridge.engine.training.timing import Length
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.buildings.layers_to_learn import HEIGHT, WIDTH, buildings, job_of, raster, town
from sarbridge.tests.engine.buildings.scenes import footprint_source, square
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.training.impatient import CutOff, Impatient
from sarbridge.tests.engine.whole_training import whole_training

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def tiny_networks(monkeypatch):
    row = curricula.CURRICULA["bridgebuild"]._replace(arguments={"widths": [8, 8, 8, 8, 8]}, rate=1e-2)
    monkeypatch.setitem(curricula.CURRICULA, "bridgebuild", row)


def run(job):
    reporter = KeptReports()
    return whole_training(train_buildings, job, reporter)["numbers"], reporter


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_footprints_are_learnt_and_the_model_extracts_them(tmp_path, out):
    layers = town(tmp_path, optical=None, look_azimuth=180.0, incidence=35.0)
    job = job_of(layers, out, method=PLAIN, epochs=16, report=str(out / "report.html"))
    numbers, _ = run(job)
    assert names(out) == ["mine.safetensors", "report.html"]
    assert numbers["IOU"] > 0.6 and numbers["IOU"] > numbers["BRIGHTNESS_IOU"] and 0 < numbers["THRESHOLD"] < 1
    card, _ = load_model(job.output, "buildings")
    assert card.operating_point == {"threshold": numbers["THRESHOLD"]} and card.working_pixel == 1.0
    assert card.validation["iou"] == numbers["IOU"] and card.outputs.keys() == {"footprint", "border"}
    assert card.training_sets == ("radar", "houses")
    extraction = ExtractBuildingsJob(
        layers.sar,
        job.output,
        str(out / "found.jsonl"),
        str(out / "mask.tif"),
        ("HH", "HV"),
        look_azimuth=180.0,
        min_area=40.0,
    )
    found = extract_buildings.run(extraction, KeptReports())["numbers"]
    assert 0.7 < found["BUILDING_COUNT"] / len(buildings()) < 1.3
    page = (out / "report.html").read_text(encoding="utf-8")
    assert page.count("<img") == 3 * min(6, numbers["VALIDATION_PATCHES"]) + 1
    assert "Footprints in the SAR image" in page and "Best threshold of the brightness" in page


@pytest.mark.parametrize("architecture", ["bridgebuild", "pspnet", "hfd_net"])
def test_distillation_runs_all_its_phases(architecture, tmp_path, out):
    numbers, reporter = run(job_of(town(tmp_path, look_azimuth=100.0), out, architecture=architecture, batch_size=8))
    assert names(out) == ["mine.safetensors"]
    card, networks = load_model(out / "mine.safetensors", "buildings")
    assert card.inputs["sar"]["bands"] == (1 if architecture == "bridgebuild" else 2)
    assert {"IOU", "TEACHER_IOU", "BRIGHTNESS_IOU"} <= numbers.keys()
    assert ("STUDENT_IOU" in numbers) == (architecture != "hfd_net")
    assert card.working_pixel == (1.0 if architecture == "bridgebuild" else 0.0)


def phases_of(layers, **entries):
    return job_of(layers, Path("nowhere"), **entries).phases


def test_what_is_given_decides_on_the_phases(tmp_path):
    layers = town(tmp_path)
    assert phases_of(layers) == (TEACHER, RECONSTRUCTION, FOOTPRINTS)
    assert phases_of(layers, fine_tuning="none") == (TEACHER, RECONSTRUCTION)
    assert phases_of(layers, teacher="teacher.safetensors") == (RECONSTRUCTION, FOOTPRINTS)
    assert phases_of(layers, architecture="hfd_net") == (TEACHER, HETEROGENEOUS)
    assert phases_of(replace(layers, footprints=None), teacher="teacher.safetensors") == (RECONSTRUCTION,)
    assert phases_of(replace(layers, sar=None, polarisations=())) == (TEACHER,)
    assert phases_of(replace(layers, optical=None), method=PLAIN) == (FOOTPRINTS,)


@pytest.mark.parametrize(
    ("left_out", "entries", "said"),
    [
        (("sar", "optical"), {}, "There is no image to learn from"),
        (("footprints",), {}, "no layer of building footprints: choose one, as the teacher"),
        (("footprints",), {"teacher": "t", "architecture": "hfd_net"}, "HFD-Net learns from its teacher and from them"),
        (("optical",), {}, "Distillation learns from an optical layer"),
        ((), {"method": PLAIN}, "layer 'photo' would not be used"),
        (("optical", "footprints"), {"method": PLAIN}, "the SAR layer 'radar' alone teaches nothing"),
        (("sar", "footprints"), {}, "an optical layer alone teaches nothing"),
        (("optical",), {"method": PLAIN, "fine_tuning": "decoder"}, "Fine-tuning 'decoder' is for networks that have"),
        (("optical",), {"method": PLAIN, "student": "s", "fine_tuning": "none"}, "'none' leaves nothing to learn"),
        ((), {"student": "s"}, "is for SAR images already"),
        (("optical",), {"method": PLAIN, "teacher": "t"}, "is a teacher that sees optical images"),
        (("sar",), {"student": "s"}, "A model to begin with is for SAR images"),
    ],
)
def test_layers_and_method_that_do_not_go_together(left_out, entries, said, tmp_path, out):
    layers = replace(town(tmp_path), **dict.fromkeys(left_out))
    layers = layers if layers.sar else replace(layers, polarisations=())
    with pytest.raises(UserError, match=said):
        job_of(layers, out, **entries)


def test_phases_run_alone_one_after_the_other(tmp_path, out):
    """A teacher of one place, a student of pairs without footprints, which is fine-tuned on a few."""
    layers = town(tmp_path)
    teacher = replace(job_of(replace(layers, sar=None, polarisations=()), out), output=str(out / "teacher.safetensors"))
    numbers, _ = run(teacher)
    assert load_model(teacher.output, TEACHER_TASK)[0].inputs["optical"]["bands"] == 3 and numbers["IOU"] > 0
    student = job_of(replace(layers, footprints=None), out, teacher=teacher.output, distilled="mid_fin")
    numbers, reporter = run(replace(student, output=str(out / "student.safetensors")))
    assert "IOU" not in numbers and any(text.startswith("No buildings are known") for text in reporter.texts["info"])
    few = replace(layers, optical=None, area=footprint_source(tmp_path / "area.jsonl", [square(0, 0, WIDTH, HEIGHT)]))
    begun = str(out / "student.safetensors")
    tuned = job_of(few, out, method=PLAIN, student=begun, fine_tuning="decoder", epochs=20)
    numbers, _ = run(tuned)
    before, after = (load_model(path, "buildings")[1]["buildings"] for path in (begun, tuned.output))
    assert torch.equal(before.input_layer.shortcut.weight, after.input_layer.shortcut.weight)
    assert not torch.equal(before.decoder.head.weight, after.decoder.head.weight)
    with pytest.raises(UserError, match="'Mine' to begin with is no PSPNet"):
        run(replace(tuned, architecture="pspnet", output=str(out / "other.safetensors")))
    with pytest.raises(UserError, match="'Mine' to begin with takes 3 bands, and 1 are chosen"):
        grey = replace(layers, optical=replace(layers.optical, bands=(1,)))
        run(job_of(grey, out, teacher=teacher.output))


@pytest.mark.parametrize("cut_off", [("Step 2 of", 1), ("Step 2 of", 2), ("Step 2 of", 3)])
def test_a_training_that_was_cut_off_in_any_phase_ends_in_the_same_file(cut_off, tmp_path, out):
    layers, whole = town(tmp_path, look_azimuth=10.0), tmp_path / "whole"
    whole.mkdir()
    options = {"epochs": 2, "distilled": "mid_fin"}
    run(job_of(layers, whole, **options))
    job = job_of(layers, out, **options)
    with pytest.raises(CutOff):
        whole_training(train_buildings, job, Impatient(*cut_off))
    assert names(out) == ["mine.checkpoint"]
    assert len(names(out / "mine.checkpoint")) == cut_off[1]
    _, reporter = run(job)
    assert sum("The training goes on after step" in text for text in reporter.texts["info"]) == cut_off[1]
    assert (out / "mine.safetensors").read_bytes() == (whole / "mine.safetensors").read_bytes()
    assert names(out) == ["mine.safetensors"]


def test_a_checkpoint_of_other_settings_is_refused_and_kept(tmp_path, out):
    layers = town(tmp_path)
    with pytest.raises(CutOff):
        whole_training(train_buildings, job_of(layers, out), Impatient("Step 2 of"))
    kept = {name: (out / "mine.checkpoint" / name).read_bytes() for name in names(out / "mine.checkpoint")}
    with pytest.raises(UserError, match=r"other settings \(epochs: 1.0 instead of 2.0\)"):
        run(job_of(layers, out, epochs=2))
    assert names(out) == ["mine.checkpoint"]
    assert kept == {name: (out / "mine.checkpoint" / name).read_bytes() for name in names(out / "mine.checkpoint")}


def test_minutes_are_shared_by_the_phases(tmp_path, out, monkeypatch):
    asked = []

    def timed(lesson, plan, seconds, scores, device):
        asked.append(seconds)
        return Length(2, 1, 0.5, 0.5)

    monkeypatch.setattr(pace, "length_within", timed)
    numbers, _ = run(job_of(town(tmp_path), out, minutes=4))
    assert asked == pytest.approx([120, 60, 60]) and numbers["STEPS"] == 6


def test_coarse_pixels_learn_what_is_built_up(tmp_path, out):
    layers = town(tmp_path, pixel=0.5)
    coarse = {}
    for key in ("sar", "optical"):
        source = getattr(layers, key)
        with rasterio.open(source.path, "r+") as file:  # the same pixels, 4 m wide
            file.transform = file.transform * rasterio.Affine.scale(8)
        coarse[key] = source
    wide = [shapely.affinity.scale(each, 8, 8, origin=(0, 0)) for each in buildings()]
    layers = replace(layers, **coarse, footprints=footprint_source(tmp_path / "blocks.jsonl", wide))
    numbers, _ = run(job_of(replace(layers, optical=None), out, method=PLAIN))
    card, _ = load_model(out / "mine.safetensors", "buildings")
    assert "built_up" in card.outputs and card.working_pixel == 4.0 and numbers["IOU"] > 0


def test_broken_outlines_are_repaired_and_counted_and_other_crs_reprojected(tmp_path, out):
    eight = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    sources = [footprint_source(tmp_path / f"{epsg}.jsonl", [*buildings(), eight], epsg=epsg) for epsg in (32633, 4326)]
    found = []
    for source in sources:
        layers = town(tmp_path, optical=None, footprints=source)
        numbers, reporter = run(job_of(layers, out, method=PLAIN))
        assert any("1 footprints cross or touch themselves" in text for text in reporter.texts["warning"])
        found.append((numbers["TRAINING_PATCHES"], round(numbers["BRIGHTNESS_IOU"], 2)))
    assert found[0] == found[1]


def test_a_full_disk_is_a_sentence_and_nothing_is_left(tmp_path, out, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "save", full)
    with pytest.raises(UserError, match="is full: free some space"):
        run(job_of(town(tmp_path), out))
    assert names(out) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"footprints": [square(5000, 0, 20)]}, "No polygon of layer 'given' lies on layer 'radar'"),
        ({"area": [square(5000, 0, 20)]}, "No polygon of layer 'given' lies on layer 'radar'"),
        ({"area": [square(0, 0, 70)]}, "Of .* patches of 64 pixels .* too few for two parts"),
        ({"footprints": [square(0, 0, 1)], "whole_area": True}, "None of the .* shows a building"),
        ({"footprints": [square(0, 0, WIDTH, HEIGHT)]}, "are built up all over, so that nothing shows what is no"),
    ],
)
def test_footprints_that_teach_nothing(changes, said, tmp_path, out):
    changes = dict(changes)
    entries = {"optical": None}
    if changes.pop("whole_area", False):
        entries["area"] = footprint_source(tmp_path / "all.jsonl", [square(0, 0, WIDTH, HEIGHT)])
    for key, shapes in changes.items():
        entries[key] = footprint_source(tmp_path / "given.jsonl", shapes)
    with pytest.raises(UserError, match=said):
        run(job_of(town(tmp_path, **entries), out, method=PLAIN))
    assert names(out) == []


def test_images_that_teach_nothing(tmp_path, out):
    layers = town(tmp_path)
    far = raster(tmp_path / "far.tif", np.ones((3, 64, 64), np.uint8), corner=(9000, 0))
    with pytest.raises(UserError, match="do not overlap|apart"):
        run(job_of(replace(layers, optical=far), out))
    nothing = raster(tmp_path / "nothing.tif", np.full((2, HEIGHT, WIDTH), -999, np.float32), nodata=-999)
    with pytest.raises(UserError, match="'nothing'"):
        run(job_of(replace(layers, sar=nothing), out))
    with pytest.raises(UserError, match="incidence angle must lie between"):
        replace(layers, incidence=95.0)
    with pytest.raises(UserError, match="'houses' says where|there is no layer of footprints"):
        BuildingLayers(layers.sar, polarisations=("HH", "HV"), area=layers.footprints)
    assert names(out) == []
