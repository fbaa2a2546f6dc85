"""Training on layers of several places: one model, and nothing of one place is told apart from it by mistake."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import torch
from sarbridge.contract import jobs
from sarbridge.contract.errors import UserError
from sarbridge.contract.training_jobs import TrainTranslatorJob
from sarbridge.engine.training.patches import TRAINING, VALIDATION
from sarbridge.engine.training.places import learning_places
from sarbridge.engine.translation import train_translator
from sarbridge.engine.translation.methods import Method
from sarbridge.engine.translation.training import curricula
from sarbridge.engine.translation.training.layer_samples import LayerSampler
from sarbridge.engine.translation.training.learning_scene import learning_scene
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.translation.aligned import write_layers
from sarbridge.tests.engine.translation.sar_images import LEFT, TOP, write_sar
from sarbridge.tests.engine.whole_training import whole_training

ELSEWHERE = LEFT + 20_000, TOP


@pytest.fixture(autouse=True)
def tiny_network(monkeypatch):
    row = curricula.CURRICULA["sardinet_early"]
    arguments = row.arguments
    tiny = row._replace(arguments=lambda shapes: {**arguments(shapes), "widths": [8, 16, 16, 16, 8, 8]})
    monkeypatch.setitem(curricula.CURRICULA, "sardinet_early", tiny)


@pytest.fixture
def two(tmp_path):
    """A larger place, and a smaller one elsewhere with other heights."""
    one = write_layers(tmp_path, heights=True)
    return one, write_layers(tmp_path, 128, 192, True, ELSEWHERE, called="_b", seed=5)


def job_of(layers, out, **entries):
    given = {"method": "sardinet_early", "epochs": 1, "batch_size": 13, "device": "cpu", **entries}
    return TrainTranslatorJob(layers, "Mine", str(out / "mine.safetensors"), str(out / "mine.checkpoint"), **given)


def test_one_model_learns_from_all_places(two, out):
    report, reporter = out / "report.html", KeptReports()
    numbers = whole_training(train_translator, job_of(two, out, report=str(report)), reporter)["numbers"]
    assert numbers["TRAINING_PATCHES"] == 20 + 6 and numbers["VALIDATION_PATCHES"] == 6 + 2 and numbers["STEPS"] == 2
    card, _ = load_model(out / "mine.safetensors", "translate")
    assert card.training_sets == ("s1", "s2", "dem", "s1_b", "s2_b", "dem_b")
    page = report.read_text(encoding="utf-8")
    assert "s1 and s2; s1_b and s2_b, " in page
    assert [page.count(f", {layer}: Translated.") for layer in ("s1", "s1_b")] == [3, 2]


def test_every_patch_of_every_place_is_shown_once_an_epoch(two):
    with learning_places(two, learning_scene, KeptReports()) as places:
        assert places.count(TRAINING) == [20, 6] and places.count(VALIDATION) == [6, 2]
        asked = []

        class Asked(list):
            def __getitem__(self, number):
                asked.append(number)
                return super().__getitem__(number)

        sampler = LayerSampler(Asked(places.training), Method(), seed=1)
        asked.clear()
        for step in range(4):
            sampler.draw(step, 13, torch.Generator().manual_seed(step))
    assert Counter(asked[:26]) == Counter(range(26)) == Counter(asked[26:]) and asked[:26] != asked[26:]


def test_scenes_have_scales_of_their_own(two, tmp_path):
    """Backscatter that is 6 dB brighter in one place is shown as in the other; so are heights."""
    one, other = two
    with learning_places((one, other), learning_scene, KeptReports()) as places:
        means = [scene.scales[0].mean for scene in places.scenes]
        assert means == pytest.approx([-10, -10], abs=0.5)
    field = np.random.default_rng(0).normal(-4, 3, (128, 192))
    brighter = write_sar(tmp_path / "brighter.tif", field, field, corner=ELSEWHERE)
    with learning_places((one, replace(other, sar=brighter)), learning_scene, KeptReports()) as places:
        sampler = LayerSampler(places.training, Method(), seed=1)
        shown = [sampler.whole(next(p for p in places.training if p.scene is scene))[0] for scene in places.scenes]
        assert abs(float(shown[1].sar.mean())) < 0.3
        assert all(float(each.dem.min()) >= 0 and float(each.dem.max()) <= 1 for each in shown)
        highest = [scene.heights.highest for scene in places.scenes]
        assert highest[0] != highest[1]


def test_places_are_spread_evenly_and_each_is_among_them(two):
    with learning_places(two, learning_scene, KeptReports()) as places:
        by_scene = Counter(place.scene.layers.sar.name for place in places.spread(TRAINING, 8))
        assert by_scene == {"s1": 4, "s1_b": 4}
        assert len(places.spread(VALIDATION, 1)) == 2


def test_places_of_quite_different_pixels_are_warned_of(tmp_path):
    fine, coarse = write_layers(tmp_path), write_layers(tmp_path, 128, 192, False, ELSEWHERE, 20, "_c")
    reporter = KeptReports()
    with learning_places((fine, coarse), learning_scene, reporter):
        [said] = reporter.texts["warning"]
        assert "Pixels of layer 's1' are 10 m wide and those of layer 's1_c' 20 m: one model learns two kinds" in said


def test_places_that_overlap_are_warned_of_and_neighbours_are_not(tmp_path):
    one = write_layers(tmp_path)
    for columns, warned in ((310, True), (320, False)):
        beside = write_layers(tmp_path, 128, 192, False, (LEFT + 10 * columns, TOP), called=f"_{columns}")
        reporter = KeptReports()
        with learning_places((one, beside), learning_scene, reporter):
            assert [f"'s1' and 's1_{columns}' overlap" in text for text in reporter.texts["warning"]] == [True] * warned


def test_a_checkpoint_of_other_places_is_refused(two, out):
    class Full(KeptReports):
        def _keep(self, message):
            super()._keep(message)
            if "Step 2 of 2" in message.get("text", ""):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        whole_training(train_translator, job_of(two, out), Full())
    with pytest.raises(UserError, match="SAR layer: s1, s1_b instead of s1, .*optical layer: s2, s2_b instead of s2"):
        whole_training(train_translator, job_of(two[:1], out), KeptReports())
    assert whole_training(train_translator, job_of(two, out), KeptReports())["numbers"]["STEPS"] == 2


def test_places_that_cannot_be_learnt_together_are_one_sentence(two, out):
    one, other = two
    swapped = replace(other, polarisations=("VH", "VV"))
    unknown = replace(other, polarisations=("", ""))
    fewer = replace(other, optical=replace(other.optical, bands=(1,)))
    for wrong, said in (
        (swapped, "The polarisations of layer 's1' are VV, VH and those of layer 's1_b' are VH, VV: one model takes"),
        (unknown, "those of layer 's1_b' are not known, not known"),
        (fewer, "Layers 's2' and 's2_b' are read with 3 and 1 bands"),
        (replace(other, dem=None), "There are heights for layer 's1' and none for layer 's1_b'"),
    ):
        with pytest.raises(UserError) as raised:
            job_of((one, wrong), out)
        assert said in str(raised.value)
    bare = write_layers(out.parent, 40, 40, True, ELSEWHERE, called="_bare")
    with pytest.raises(UserError, match="of layer 's1_bare', too few for one patch of 64"):
        whole_training(train_translator, job_of((one, bare), out), KeptReports())
    assert not list(out.iterdir())


def test_the_job_crosses_the_pipe(two, out):
    job = job_of(two, out)
    assert jobs.from_json(jobs.to_json(job)) == job
    assert jobs.from_json(json.loads(json.dumps(jobs.to_json(job)))) == job
