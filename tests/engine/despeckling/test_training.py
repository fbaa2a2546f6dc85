"""Learning to despeckle: lessons, samples of users' layers, the task from layer to model file, and going on."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from sarbridge.contract.despeckling_jobs import DespeckleJob, TrainDespecklerJob
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.despeckling import despeckle, train_despeckler
from sarbridge.engine.despeckling.methods import NETWORK
from sarbridge.engine.despeckling.training import teaching
from sarbridge.engine.despeckling.training.complex_places import complex_places
from sarbridge.engine.despeckling.training.despeckling_lesson import DespecklingLesson, Halves
from sarbridge.engine.despeckling.training.layer_halves import LayerHalves, both_ways
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.engine.simulation.radar.sar_presets import SENTINEL1_IW_SLC
from sarbridge.engine.simulation.radar.speckle_noise import speckle
from sarbridge.engine.training.lesson import Plan
from sarbridge.engine.training.loop import train
from sarbridge.models.despeckling.merlin import Merlin
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.rasters.test_grid_reader import write
from sarbridge.tests.engine.whole_training import whole_training

CPU = torch.device("cpu")


def slc(height=192, width=256, seed=0):
    """Two fields, one ten times as bright, under speckle [1, h, w]."""
    power = torch.ones(1, height, width)
    power[..., width // 2 :] = 10
    generator = torch.Generator().manual_seed(seed)
    return speckle(power, SENTINEL1_IW_SLC.azimuth, SENTINEL1_IW_SLC.range, 1, generator)[0].numpy()


def job_of(folder: Path, source: RasterSource, **options) -> TrainDespecklerJob:
    paths = {"output": str(folder / "own.safetensors"), "checkpoint": str(folder / "own.checkpoint")}
    return TrainDespecklerJob(**{"layers": (source,), "name": "own", "patch": 64, "epochs": 1, **paths, **options})


@pytest.fixture(autouse=True)
def small_networks(monkeypatch):
    monkeypatch.setattr(teaching, "LEVELS", 2)
    monkeypatch.setattr(teaching, "OWN_WIDTH", 3)


@pytest.fixture
def source(tmp_path):
    return write(tmp_path / "slc.tif", slc())


def test_a_lesson_teaches_the_level_of_a_constant_scene(tmp_path):
    class Constant:
        def draw(self, step, count, generator):
            parts = torch.randn((2, count, 1, 16, 16), generator=generator).square() * 2  # reflectivity 4
            return Halves(*parts)

    torch.manual_seed(0)
    lesson = DespecklingLesson(Merlin(2, 3), Constant(), [], rate=1e-2)
    record = train(lesson, Plan(80, 4, clip_norm=1.0), tmp_path / "checkpoint", CPU, NullReporter())
    generator = torch.Generator().manual_seed(99)
    found = record.networks[NETWORK](torch.randn((1, 2, 64, 64), generator=generator) * math.sqrt(2))
    assert float(found.mean()) == pytest.approx(10 * math.log10(4), abs=0.4)


def test_each_part_is_shown_and_is_what_the_other_is_judged_by(tmp_path, source):
    with complex_places(job_of(tmp_path, source), NullReporter()) as places:
        sampler = LayerHalves(places.training, 1)
        batches = [sampler.draw(step, 4, torch.Generator().manual_seed(step)) for step in range(8)]
        again = sampler.draw(3, 4, torch.Generator().manual_seed(3))
        parts = [torch.from_numpy(place.parts()).square() for place in places.training]
    torch.testing.assert_close(batches[3], again)
    shown = [0, 0]
    for batch in batches:
        for seen, unseen in zip(batch.seen[:, 0], batch.unseen[:, 0]):
            which = [
                way
                for each in parts
                for way in (0, 1)
                if torch.equal(seen, each[way]) and torch.equal(unseen, each[1 - way])
            ]
            assert len(which) == 1
            shown[which[0]] += 1
    assert min(shown) >= 8


def test_validation_goes_both_ways_over_places_that_are_not_learnt_from(tmp_path, source):
    with complex_places(job_of(tmp_path, source), NullReporter()) as places:
        (first, *_) = both_ways(places.validation)
        windows = {which: [place.window for place in getattr(places, which)] for which in ("training", "validation")}
    torch.testing.assert_close(first.seen, first.unseen.flip(0))
    for kept in windows["validation"]:
        for learnt in windows["training"]:
            overlap = kept.overlap(learnt)
            assert not overlap.width * overlap.height


def test_levels_do_not_depend_on_calibration(tmp_path):
    parts = []
    for name, factor in (("one", 1.0), ("other", 1000.0)):
        source = write(tmp_path / f"{name}.tif", slc() * factor)
        with complex_places(job_of(tmp_path, source), NullReporter()) as places:
            parts.append(places.training[0].parts())
    np.testing.assert_allclose(parts[0], parts[1], rtol=1e-4)
    assert 0.2 < np.square(parts[0]).sum(0).mean() < 20


def test_from_a_layer_to_a_model_that_despeckles(tmp_path, source):
    job = job_of(tmp_path, source, report=str(tmp_path / "report.html"))
    numbers = whole_training(train_despeckler, job, NullReporter())["numbers"]
    assert numbers["TRAINING_PATCHES"] and numbers["VALIDATION_PATCHES"] and math.isfinite(numbers["LOSS"])
    assert not Path(job.checkpoint).exists() and "MERLIN" in Path(job.report).read_text(encoding="utf-8")
    card, networks = load_model(job.output, NETWORK)
    assert card.name == "own" and isinstance(networks[NETWORK], Merlin)
    output = str(tmp_path / "clean.tif")
    found = despeckle.run(DespeckleJob(source, output, model=job.output), NullReporter())["numbers"]
    assert found["VALID_PIXELS"] == 192 * 256


def test_a_training_that_was_killed_goes_on_and_is_the_same(tmp_path, source):
    whole = job_of(tmp_path / "whole", source, epochs=3)
    Path(whole.output).parent.mkdir()
    whole_training(train_despeckler, whole, NullReporter())
    cut = job_of(tmp_path / "cut", source, epochs=3)
    Path(cut.output).parent.mkdir()

    class Killed(Exception):
        pass

    def die(message):
        if message.get("text", "").startswith("Step 6 of"):
            raise Killed

    with pytest.raises(Killed):
        whole_training(train_despeckler, cut, Reporter(die))
    assert Path(cut.checkpoint).exists() and not Path(cut.output).exists()
    whole_training(train_despeckler, cut, NullReporter())
    one, other = (load_model(job.output, NETWORK)[1][NETWORK].state_dict() for job in (whole, cut))
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, other[name])


def test_it_starts_from_a_model(tmp_path, source):
    first = job_of(tmp_path, source)
    whole_training(train_despeckler, first, NullReporter())
    second = job_of(tmp_path, source, output=str(tmp_path / "second.safetensors"), start=first.output, rate=1e-9)
    whole_training(train_despeckler, second, NullReporter())
    one, other = (load_model(job.output, NETWORK)[1][NETWORK].state_dict() for job in (first, second))
    for name, tensor in one.items():
        torch.testing.assert_close(tensor, other[name], atol=1e-3, rtol=1e-2)
    assert json.loads(json.dumps(load_model(second.output, NETWORK)[0].validation))["split"] == "by place"


@pytest.mark.parametrize(
    ("samples", "options", "sentence"),
    [
        (np.abs(slc()), {}, "holds no phase, and MERLIN learns from real and imaginary parts"),
        (np.abs(slc()).astype(np.complex64), {}, "detected image stored as complex"),
        (slc(96, 96), {"patch": 96}, "too few for two parts"),
    ],
)
def test_what_cannot_be_learnt_from_is_told(tmp_path, samples, options, sentence):
    source = write(tmp_path / "layer.tif", samples)
    job = job_of(tmp_path, source, **options)
    with pytest.raises(UserError, match=sentence):
        whole_training(train_despeckler, job, NullReporter())
    assert not list(tmp_path.glob("own*"))
