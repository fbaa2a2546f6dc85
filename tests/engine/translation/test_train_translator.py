"""Training on users' layers: a model that translates, the same one however often it was cut off, or one sentence."""

import errno
from dataclasses import replace

import numpy as np
import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.contract.training_jobs import NEED_HEIGHTS, TRANSLATORS, TrainTranslatorJob
from sarbridge.contract.translation_jobs import TranslateToOpticalJob
from sarbridge.engine.training import checkpoint
from sarbridge.engine.translation import train_translator, translate_to_optical
from sarbridge.engine.translation.training import curricula
from sarbridge.engine.translation.training.bridge_view_lesson import BridgeViewLesson
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.translation.aligned import colours_of, relief, write_colours, write_layers
from sarbridge.tests.engine.translation.sar_images import LEFT, TOP, write_sar

TINY = {
    "BridgeView": {"widths": [8, 8, 8, 8, 8]},
    "SARDINet": {"widths": [8, 16, 16, 16, 8, 8]},
    "Pix2Pix": {"width": 4},
    "CycleGAN": {"width": 4, "blocks": 1},
}


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def tiny_networks(monkeypatch):
    for method, row in curricula.CURRICULA.items():
        arguments = _with(row.arguments, TINY[row.network.__name__])
        monkeypatch.setitem(curricula.CURRICULA, method, row._replace(arguments=arguments))


def _with(arguments, more):
    return lambda shapes: {**arguments(shapes), **more}


class CutOff(Exception):
    """Somebody ends the process."""


class Impatient(KeptReports):
    """Ends the run when a text is reported."""

    def __init__(self, text):
        super().__init__()
        self._text = text

    def _keep(self, message):
        super()._keep(message)
        if self._text in message.get("text", ""):
            raise CutOff


def job_of(layers, out, **entries):
    given = {"method": "bridgeview", "steps": 6, "batch_size": 2, "device": "cpu", **entries}
    return TrainTranslatorJob(layers, "Mine", str(out / "mine.safetensors"), str(out / "mine.checkpoint"), **given)


@pytest.mark.parametrize("method", TRANSLATORS)
def test_every_method_gives_a_model_that_translates(method, tmp_path, out):
    layers = write_layers(tmp_path, heights=method in (*NEED_HEIGHTS, "pix2pix"))
    job = job_of(layers, out, method=method, steps=2)
    numbers = train_translator.run(job, KeptReports())["numbers"]
    assert [path.name for path in out.iterdir()] == ["mine.safetensors"]
    card, networks = load_model(job.output, "translate")
    assert card.name == "Mine" and card.inputs["sar"]["polarisations"] == ["VV", "VH"]
    assert card.training_sets == tuple(each.name for each in (layers.sar, layers.optical, layers.dem) if each)
    assert card.pixel_size_range == pytest.approx((10, 10), abs=0.1)
    assert card.validation["mse"] == numbers["MSE"] and numbers["STEPS"] == 2
    optical = str(tmp_path / "optical.tif")
    translation = TranslateToOpticalJob(layers.sar, job.output, optical, ("VV", "VH"), dem=layers.dem, device="cpu")
    assert translate_to_optical.run(translation, KeptReports())["numbers"]["VALID_PIXELS"] == 192 * 320


def test_what_the_layers_show_is_learnt(tmp_path, out):
    layers = write_layers(tmp_path)
    reporter = KeptReports()
    job = job_of(layers, out, steps=120, batch_size=4, rate=5e-3, report=str(out / "report.html"))
    numbers = train_translator.run(job, reporter)["numbers"]
    assert numbers["MSE"] < 0.3 * numbers["MEAN_COLOUR_MSE"] and numbers["SSIM"] > numbers["MEAN_COLOUR_SSIM"]
    assert any(text.startswith("Step 60 of 120: mse") and " left." in text for text in reporter.texts["info"])
    # Colours follow from backscatter by a line here, so that a regression is hard to beat; the user hears of it.
    assert numbers["REGRESSION_MSE"] < numbers["MSE"]
    assert [text[:46] for text in reporter.texts["warning"]] == ["The model is no better than a trivial answer y"]
    page = (out / "report.html").read_text(encoding="utf-8")
    places = min(numbers["VALIDATION_PATCHES"], 6)
    assert page.count("<img") == 3 * places + 1 and f"Place {places}: Translated." in page


@pytest.mark.parametrize("method", ["bridgeview", "sardinet_early", "cyclegan"])
def test_a_training_that_was_cut_off_ends_in_the_same_weights(method, tmp_path, out):
    layers = write_layers(tmp_path, heights=method == "sardinet_early")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir(), broken.mkdir()
    train_translator.run(job_of(layers, whole, method=method), KeptReports())
    with pytest.raises(CutOff):
        train_translator.run(job_of(layers, broken, method=method), Impatient("Step 4 of 6"))
    assert [path.name for path in broken.iterdir()] == ["mine.checkpoint"]
    reporter = KeptReports()
    train_translator.run(job_of(layers, broken, method=method), reporter)
    assert "The training goes on after step 3." in reporter.texts["info"]
    networks = [load_model(each / "mine.safetensors", "translate")[1]["translate"] for each in (whole, broken)]
    for one, other in zip(*(network.state_dict().values() for network in networks)):
        assert torch.equal(one, other)
    assert [path.name for path in broken.iterdir()] == ["mine.safetensors"]


def test_a_checkpoint_of_other_settings_is_refused_and_kept(tmp_path, out):
    layers = write_layers(tmp_path)
    with pytest.raises(CutOff):
        train_translator.run(job_of(layers, out), Impatient("Step 4 of 6"))
    before = (out / "mine.checkpoint").read_bytes()
    other = job_of(replace(layers, patch=96), out, seed=2)
    with pytest.raises(UserError, match=r"other settings \(seed: 1 instead of 2, patch size: 64 instead of 96"):
        train_translator.run(other, KeptReports())
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]
    assert (out / "mine.checkpoint").read_bytes() == before


class Exploding(BridgeViewLesson):
    """Loses its loss at the fifth step."""

    def begin(self, step):
        self.step = step

    def losses(self, batch):
        for part in super().losses(batch):
            yield part._replace(loss=part.loss * float("nan" if self.step >= 4 else 1))


def test_a_loss_that_is_no_number_leaves_the_last_good_weights(tmp_path, out, monkeypatch):
    row = curricula.CURRICULA["bridgeview"]._replace(lesson=Exploding)
    monkeypatch.setitem(curricula.CURRICULA, "bridgeview", row)
    reporter = KeptReports()
    numbers = train_translator.run(job_of(write_layers(tmp_path), out), reporter)["numbers"]
    assert numbers["STEPS"] == 4 and any("loss of step 5 is nan" in text for text in reporter.texts["warning"])
    assert load_model(out / "mine.safetensors", "translate")


def test_a_full_disk_is_a_sentence_and_nothing_is_left(tmp_path, out, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "save", full)
    with pytest.raises(UserError, match="is full: free some space"):
        train_translator.run(job_of(write_layers(tmp_path), out), KeptReports())
    assert list(out.iterdir()) == []


def test_what_cannot_be_learnt_from_is_one_sentence(tmp_path, out):
    layers = write_layers(tmp_path)
    field = relief(192, 320)
    far = write_colours(tmp_path / "far.tif", colours_of(field), (LEFT + 90_000, TOP))
    beside = write_colours(tmp_path / "beside.tif", colours_of(field), (LEFT + 2700, TOP))
    even = write_colours(tmp_path / "even.tif", np.full((3, 192, 320), 700, np.uint16))
    small = write_sar(tmp_path / "small.tif", *(-10 + 3 * field[None, :80, :90] + np.zeros((2, 1, 1))))
    holes = -10 + 3 * field.astype(np.float32)
    holes[::40, ::40] = np.nan
    holed = write_sar(tmp_path / "holed.tif", holes, holes)
    for wrong, said in (
        ({"optical": far}, "do not overlap"),
        ({"optical": beside}, "overlap on 50 × 192 pixels of layer 's1', too few for one patch of 64"),
        ({"optical": even}, "Layer 'even' holds only the one value 700"),
        ({"sar": small}, "patches of 64 pixels that can be used lie too close"),
        ({"sar": holed}, "None of 45 patches of 64 pixels can be used (45 for holes"),
        ({"patch": 256}, "320 × 192 pixels of layer 's1', too few for one patch of 256"),
    ):
        with pytest.raises(UserError) as raised:
            train_translator.run(job_of(replace(layers, **wrong), out), KeptReports())
        assert said in str(raised.value) and not list(out.iterdir())
    for wrong, said in (({"method": "sardinet_late"}, "learns from heights"), ({"name": "a<b"}, "needs a name")):
        with pytest.raises(UserError, match=said):
            replace(job_of(layers, out), **wrong)


def test_coarse_colours_are_warned_of(tmp_path, out):
    layers = write_layers(tmp_path)
    coarse = write_colours(tmp_path / "coarse.tif", colours_of(relief(96, 160)), pixel=20)
    reporter = KeptReports()
    train_translator.run(job_of(replace(layers, optical=coarse), out, steps=1), reporter)
    assert "Pixels of layer 'coarse' are 20 m wide and those of layer 's1' 10 m" in reporter.texts["warning"][0]


def test_only_the_area_is_learnt_from(tmp_path, out):
    area = np.zeros((1, 192, 320), np.uint8)
    area[:, :, 150:] = 1
    layers = write_layers(tmp_path, area=write_colours(tmp_path / "area.tif", area))
    numbers = train_translator.run(job_of(layers, out, steps=1), KeptReports())["numbers"]
    everywhere = train_translator.run(job_of(replace(layers, area=None), out, steps=1), KeptReports())["numbers"]
    kept, all_of_it = (each["TRAINING_PATCHES"] + each["VALIDATION_PATCHES"] for each in (numbers, everywhere))
    assert 0 < kept <= 20 < all_of_it
