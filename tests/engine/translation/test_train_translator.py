"""Training on users' layers: a model that translates, the same one however often it was cut off, or one sentence."""

import errno
from dataclasses import replace

import numpy as np
import pytest
import rasterio
import torch
from sarbridge.contract.errors import UserError
from sarbridge.contract.training_jobs import NEED_HEIGHTS, TRANSLATORS, AlignedLayers, TrainTranslatorJob
from sarbridge.contract.translation_jobs import TranslateToOpticalJob
from sarbridge.engine.training import checkpoint, pace
from sarbridge.engine.training.timing import Length
from sarbridge.engine.translation import train_translator, translate_to_optical
from sarbridge.engine.translation.training import curricula
from sarbridge.engine.translation.training.bridge_view_lesson import BridgeViewLesson
from sarbridge.engine.translation.training.learning_scene import learning_scene
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.training.impatient import CutOff, Impatient
from sarbridge.tests.engine.translation.aligned import colours_of, relief, write_colours, write_layers
from sarbridge.tests.engine.translation.sar_images import LEFT, TOP, write_sar
from sarbridge.tests.engine.whole_training import whole_training

TINY = {
    "BridgeView": {"widths": [8, 8, 8, 8, 8]},
    "SARDINet": {"widths": [8, 16, 16, 16, 8, 8]},
    "Pix2Pix": {"width": 4},
    "CycleGAN": {"width": 4, "blocks": 1},
}

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def tiny_networks(monkeypatch):
    for method, row in curricula.CURRICULA.items():
        arguments = _with(row.arguments, TINY[row.network.__name__])
        monkeypatch.setitem(curricula.CURRICULA, method, row._replace(arguments=arguments))


def _with(arguments, more):
    return lambda shapes: {**arguments(shapes), **more}


def job_of(layers, out, **entries):
    """The job of one place or of several."""
    given = {"method": "bridgeview", "epochs": 1, "batch_size": 2, "device": "cpu", **entries}
    layers = (layers,) if isinstance(layers, AlignedLayers) else layers
    return TrainTranslatorJob(layers, "Mine", str(out / "mine.safetensors"), str(out / "mine.checkpoint"), **given)


def scored_steps(reporter):
    return [int(text.split(":")[0][5:]) for text in reporter.texts["info"] if ": score " in text]


def assert_same_weights(folder, other):
    networks = [load_model(each / "mine.safetensors", "translate")[1]["translate"] for each in (folder, other)]
    for one, another in zip(*(network.state_dict().values() for network in networks)):
        assert torch.equal(one, another)


@pytest.mark.parametrize("method", TRANSLATORS)
def test_every_method_gives_a_model_that_translates(method, tmp_path, out):
    layers = write_layers(tmp_path, heights=method in (*NEED_HEIGHTS, "pix2pix"))
    job = job_of(layers, out, method=method, batch_size=10)
    numbers = whole_training(train_translator, job, KeptReports())["numbers"]
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
    job = job_of(layers, out, epochs=24, batch_size=4, rate=5e-3, report=str(out / "report.html"))
    numbers = whole_training(train_translator, job, reporter)["numbers"]
    assert numbers["MSE"] < 0.3 * numbers["MEAN_COLOUR_MSE"] and numbers["SSIM"] > numbers["MEAN_COLOUR_SSIM"]
    assert any(text.startswith("Step 60 of 120: mse") and " left." in text for text in reporter.texts["info"])
    # Colours follow from backscatter by a line here, so that a regression is hard to beat; the user hears of it.
    assert numbers["REGRESSION_MSE"] < numbers["MSE"]
    assert [text[:46] for text in reporter.texts["warning"]] == ["The model is no better than a trivial answer y"]
    page = (out / "report.html").read_text(encoding="utf-8")
    places = min(numbers["VALIDATION_PATCHES"], 6)
    assert page.count("<img") == 3 * places + 1 and f"Place {places}, s1: Translated." in page


@pytest.mark.parametrize("method", ["bridgeview", "sardinet_early", "cyclegan"])
def test_a_training_that_was_cut_off_ends_in_the_same_weights(method, tmp_path, out):
    layers = write_layers(tmp_path, heights=method == "sardinet_early")
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir(), broken.mkdir()
    whole_training(train_translator, job_of(layers, whole, method=method), KeptReports())
    with pytest.raises(CutOff):
        whole_training(train_translator, job_of(layers, broken, method=method), Impatient("Step 4 of 10"))
    assert [path.name for path in broken.iterdir()] == ["mine.checkpoint"]
    reporter = KeptReports()
    whole_training(train_translator, job_of(layers, broken, method=method), reporter)
    assert "The training goes on after step 3." in reporter.texts["info"]
    assert_same_weights(whole, broken)
    assert [path.name for path in broken.iterdir()] == ["mine.safetensors"]


def test_a_checkpoint_of_other_settings_is_refused_and_kept(tmp_path, out):
    layers = write_layers(tmp_path)
    with pytest.raises(CutOff):
        whole_training(train_translator, job_of(layers, out), Impatient("Step 4 of 10"))
    before = (out / "mine.checkpoint").read_bytes()
    other = job_of(replace(layers, patch=96), out, epochs=2, seed=2)
    said = r"other settings \(epochs: 1 instead of 2, seed: 1 instead of 2, patch size: 64 instead of 96"
    with pytest.raises(UserError, match=said):
        whole_training(train_translator, other, KeptReports())
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]
    assert (out / "mine.checkpoint").read_bytes() == before


def test_a_checkpoint_of_layers_that_were_changed_is_refused_and_kept(tmp_path, out):
    """Their names and their size are what they were."""
    layers = write_layers(tmp_path)
    with pytest.raises(CutOff):
        whole_training(train_translator, job_of(layers, out), Impatient("Step 4 of 10"))
    with rasterio.open(layers.optical.path, "r+") as file:
        file.write(file.read()[:, ::-1])
    with pytest.raises(UserError, match=r"other settings \(checksum of the patches' pixels: "):
        whole_training(train_translator, job_of(layers, out), KeptReports())
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]


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
    numbers = whole_training(train_translator, job_of(write_layers(tmp_path), out), reporter)["numbers"]
    assert numbers["STEPS"] == 4 and any("loss of step 5 is nan" in text for text in reporter.texts["warning"])
    assert load_model(out / "mine.safetensors", "translate")


def test_a_full_disk_is_a_sentence_and_nothing_is_left(tmp_path, out, monkeypatch):
    def full(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint, "save", full)
    with pytest.raises(UserError, match="is full: free some space"):
        whole_training(train_translator, job_of(write_layers(tmp_path), out), KeptReports())
    assert list(out.iterdir()) == []


def test_a_disk_that_fills_up_on_the_way_leaves_the_checkpoint_before(tmp_path, out, monkeypatch):
    """Room was made: the next run goes on, to the weights of a run that was not cut off."""
    layers, whole, written = write_layers(tmp_path), tmp_path / "whole", checkpoint.save
    whole.mkdir()
    whole_training(train_translator, job_of(layers, whole), KeptReports())
    calls = []

    def soon_full(*arguments):
        calls.append(0)
        if len(calls) > 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(*arguments)

    monkeypatch.setattr(checkpoint, "save", soon_full)
    with pytest.raises(UserError, match="is full: free some space"):
        whole_training(train_translator, job_of(layers, out), KeptReports())
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]
    monkeypatch.setattr(checkpoint, "save", written)
    reporter = KeptReports()
    whole_training(train_translator, job_of(layers, out), reporter)
    assert "The training goes on after step 3." in reporter.texts["info"]
    assert_same_weights(whole, out)


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
    empty = write_sar(tmp_path / "empty.tif", holes * np.nan, holes * np.nan)
    flat = write_sar(tmp_path / "flat.tif", holes * 0 - 9, holes * 0 - 9)
    heights = write_colours(tmp_path / "heights.tif", relief(192, 320)[None].astype(np.float32), (LEFT + 90_000, TOP))
    nothing = write_colours(tmp_path / "nothing.tif", np.full((1, 192, 320), np.nan, np.float32))
    depths = write_colours(tmp_path / "depths.tif", np.full((1, 192, 320), -2e5, np.float32))
    for wrong, said in (
        ({"optical": far}, "do not overlap"),
        ({"optical": beside}, "overlap on 50 × 192 pixels of layer 's1', too few for one patch of 64"),
        ({"optical": even}, "Layer 'even' holds only the one value 700"),
        ({"sar": small}, "patches of 64 pixels of layer 'small' that can be used lie too close"),
        ({"sar": holed}, "None of 45 patches of 64 pixels of layer 'holed' can be used (45 for holes"),
        ({"sar": empty}, "Layer 'empty' holds only no data"),
        ({"sar": flat}, "Layer 'flat' holds only the one value -9"),
        ({"dem": heights}, "do not overlap"),
        ({"dem": nothing}, "Layer 'nothing' holds only no data"),
        ({"dem": depths}, "which nobody sees on Earth"),
        ({"patch": 256}, "320 × 192 pixels of layer 's1', too few for one patch of 256"),
    ):
        with pytest.raises(UserError) as raised:
            method = "pix2pix" if "dem" in wrong else "bridgeview"
            whole_training(train_translator, job_of(replace(layers, **wrong), out, method=method), KeptReports())
        assert said in str(raised.value) and not list(out.iterdir())
    for wrong, said in (({"method": "sardinet_late"}, "learns from heights"), ({"name": "a<b"}, "needs a name")):
        with pytest.raises(UserError, match=said):
            replace(job_of(layers, out), **wrong)


@pytest.mark.parametrize(
    ("pixel", "said"),
    [(20, "20 m wide and those of layer 's1' 10 m: a model can learn no detail"), (2, "25 times as many pixels")],
)
def test_colours_of_quite_another_pixel_size_are_warned_of(pixel, said, tmp_path, out):
    layers, step = write_layers(tmp_path), round(pixel / 10) or 1
    field = relief(192, 320)[::step, ::step]
    field = field if pixel > 10 else field.repeat(5, 0).repeat(5, 1)
    optical = write_colours(tmp_path / "other.tif", colours_of(field), pixel=pixel)
    reporter = KeptReports()
    whole_training(train_translator, job_of(replace(layers, optical=optical), out, batch_size=20), reporter)
    assert said in reporter.texts["warning"][0]


def test_an_optical_layer_may_reach_beyond_the_radar_image(tmp_path, out):
    layers = write_layers(tmp_path)
    corner = LEFT - 500, TOP + 600
    larger = write_colours(tmp_path / "larger.tif", colours_of(np.pad(relief(192, 320), (60, 50), "edge")), corner)
    found = [
        whole_training(train_translator, job_of(replace(layers, optical=each), out, batch_size=20), KeptReports())
        for each in (layers.optical, larger)
    ]
    assert [each["numbers"]["TRAINING_PATCHES"] for each in found] == [20, 20]


def test_heights_in_feet_are_heights_in_metres(tmp_path, out):
    layers = write_layers(tmp_path, heights=True)
    with rasterio.open(layers.dem.path, "r+") as dataset:
        dataset.write(dataset.read() / 0.3048)
        dataset.units = ("ft",)
    reporter = KeptReports()
    scene = learning_scene(layers, reporter)
    assert scene.heights.highest == pytest.approx(float((300 + 100 * relief(192, 320, 2)).max()), rel=1e-3)
    assert any("are stated in 'ft' and are converted to metres" in text for text in reporter.texts["info"])


def test_only_the_area_is_learnt_from(tmp_path, out):
    area = np.zeros((1, 192, 320), np.uint8)
    area[:, :, 150:] = 1
    layers = write_layers(tmp_path, area=write_colours(tmp_path / "area.tif", area))
    once = {"batch_size": 20}
    counts = []
    for area in (layers.area, None):
        job = job_of(replace(layers, area=area), out, **once)
        numbers = whole_training(train_translator, job, KeptReports())["numbers"]
        counts.append(numbers["TRAINING_PATCHES"] + numbers["VALIDATION_PATCHES"])
    kept, all_of_it = counts
    assert 0 < kept <= 20 < all_of_it


def test_minutes_are_steps_that_a_run_that_goes_on_keeps(tmp_path, out, monkeypatch):
    """However fast the machine is by then; the weights are those of a run that was not cut off."""
    layers, whole = write_layers(tmp_path), tmp_path / "whole"
    whole.mkdir()
    fitting = [Length(7, 3, 0.25, 1.5), Length(7, 3, 0.25, 1.5)]
    monkeypatch.setattr(pace, "length_within", lambda *arguments: fitting.pop())
    reporter = KeptReports()
    assert whole_training(train_translator, job_of(layers, whole, minutes=3), reporter)["numbers"]["STEPS"] == 7
    assert (
        "A step takes 0.25 s and a scoring 1.5 s, so that 7 steps and 3 scorings fit into 3 min."
        in reporter.texts["info"]
    )
    assert scored_steps(reporter) == [3, 6, 7]
    with pytest.raises(CutOff):
        whole_training(train_translator, job_of(layers, out, minutes=3), Impatient("Step 4 of 7"))
    with pytest.raises(UserError, match=r"other settings \(minutes: 3 instead of 5\)"):
        whole_training(train_translator, job_of(layers, out, minutes=5), KeptReports())
    with pytest.raises(UserError, match=r"\(epochs: none instead of 1, minutes: 3 instead of none, steps: 7 instead"):
        whole_training(train_translator, job_of(layers, out), KeptReports())
    assert not fitting, "nothing is timed again"
    reporter = KeptReports()
    whole_training(train_translator, job_of(layers, out, minutes=3), reporter)
    assert scored_steps(reporter) == [6, 7], "as the first run laid it out"
    assert_same_weights(whole, out)


def test_timing_steps_leaves_no_trace(tmp_path, out, monkeypatch):
    """A training of minutes whose steps are those of an epoch ends in the same weights."""
    layers, by_epochs = write_layers(tmp_path), tmp_path / "epochs"
    by_epochs.mkdir()
    whole_training(train_translator, job_of(layers, by_epochs), KeptReports())
    timed = pace.length_within
    monkeypatch.setattr(pace, "length_within", lambda *arguments: timed(*arguments)._replace(steps=10, scores=20))
    whole_training(train_translator, job_of(layers, out, minutes=1), KeptReports())
    assert_same_weights(by_epochs, out)
