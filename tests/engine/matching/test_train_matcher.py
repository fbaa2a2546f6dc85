"""Training of matchers on users' layers: a model that matches, the same one however often it was cut off."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.matching_training_jobs import TrainMatcherJob
from sarbridge.contract.training_jobs import AlignedLayers
from sarbridge.engine.matching import match_tie_points, train_matcher
from sarbridge.engine.matching.training import alignment, teaching, validated
from sarbridge.engine.matching.training.curricula import CURRICULA
from sarbridge.engine.matching.training.matching_scene import matching_scene
from sarbridge.models.matching import ss_net
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.models.model_file import load_model, save_model
from sarbridge.models.networks import network_entries
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.matching.layers_to_match import HEIGHT, WIDTH, ground, write_pair
from sarbridge.tests.engine.training.impatient import CutOff, Impatient
from sarbridge.tests.engine.translation.aligned import colours_of, write_colours
from sarbridge.tests.engine.translation.sar_images import LEFT, TOP, write_sar
from sarbridge.tests.engine.whole_training import whole_training
from sarbridge.tests.model_cards import card_with
from sarbridge.tests.tiny_bundle import ARGUMENTS, write_tiny_bundle

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    """A model file of a tiny BridgeMatch and what judges its matches."""
    return write_tiny_bundle(tmp_path_factory.mktemp("model") / "tiny.safetensors", without=())


@pytest.fixture(scope="module")
def unlike(tmp_path_factory):
    """Its network alone, whose streams have nothing in common."""
    path = tmp_path_factory.mktemp("model") / "unlike.safetensors"
    torch.manual_seed(1)
    network = BridgeMatch(**ARGUMENTS).eval()
    card = card_with(name="Unlike", networks=network_entries({"match": network}, {"match": ARGUMENTS}))
    save_model(path, card, {"match": network})
    return str(path)


@pytest.fixture(autouse=True)
def few_samples(monkeypatch):
    """Scores of a few samples and windows: CorrASL takes a second for each; and a narrow SSNet, of a few offsets."""
    monkeypatch.setattr(teaching, "MOST_SCORED", 6)
    monkeypatch.setattr(validated, "_MOST_OF_A_PATCH", 4)
    monkeypatch.setattr(ss_net, "_BLOCKS", ((2,), (2,), (2, 2), (4, 4), (4, 4)))
    monkeypatch.setitem(CURRICULA, "ssnet", CURRICULA["ssnet"]._replace(validated=(2, 2)))


@pytest.fixture
def layers(tmp_path):
    return write_pair(tmp_path)


def job_of(layers, out, **entries):
    """The job of one place or of several."""
    given = {"epochs": 1, "batch_size": 2, "device": "cpu", **entries}
    layers = (layers,) if isinstance(layers, AlignedLayers) else layers
    return TrainMatcherJob(layers, "Mine", str(out / "mine.safetensors"), str(out / "mine.checkpoint"), **given)


def trained(layers, out, reporter=None, **entries):
    return whole_training(train_matcher, job_of(layers, out, **entries), reporter or KeptReports())["numbers"]


def network_of(folder):
    return load_model(folder / "mine.safetensors", "match")[1]["match"]


def assert_same_weights(folder, other):
    for one, another in zip(network_of(folder).state_dict().values(), network_of(other).state_dict().values()):
        assert torch.equal(one, another)


@pytest.mark.parametrize("method", ["bridgematch", "corrasl", "ssnet"])
def test_a_model_is_given_that_matches(method, layers, out):
    reporter = KeptReports()
    numbers = trained(layers, out, reporter, method=method, batch_size=3)
    assert [path.name for path in out.iterdir()] == ["mine.safetensors"]
    assert numbers["TRAINING_PATCHES"] > 0 and numbers["VALIDATION_PATCHES"] > 0
    assert numbers["STEPS"] == -(-numbers["TRAINING_PATCHES"] // 3)
    card, networks = load_model(out / "mine.safetensors", "match")
    assert list(networks) == ["match"] and card.task == "match" and card.name == "Mine"
    assert card.training_sets == ("s1", "s2") and card.pixel_size_range == pytest.approx((10, 10), abs=0.1)
    assert card.validation["all windows"]["within_1"] == numbers["WITHIN_1"]
    assert card.validation["cross-correlation"]["mean"] == numbers["NCC_MEAN_ERROR"]
    # 3 sigma of a field of deviation 3 dB and noise of 1 dB around -10 dB.
    entry = card.inputs["sar"]
    assert entry["unit"] == "dB" and entry["polarisations"] == ["VV"]
    assert entry["range"] == pytest.approx([-10 - 3 * 10**0.5, -10 + 3 * 10**0.5], abs=1.2)
    matching = MatchTiePointsJob(
        layers.sar, layers.optical, str(out / "mine.safetensors"), method, max_shift=8, spacing=128, device="cpu"
    )
    found = match_tie_points.run(matching, KeptReports())
    assert found["numbers"]["POINT_COUNT"] > 0


def test_what_the_layers_show_is_learnt(layers, out, unlike):
    reporter = KeptReports()
    report = str(out / "report.html")
    numbers = trained(layers, out, reporter, start=unlike, epochs=60, batch_size=4, rate=1e-2, report=report)
    losses = [float(text.split("score ")[1].split()[0]) for text in reporter.texts["info"] if ": score " in text]
    assert min(losses) < 0.7 * losses[0]
    assert numbers["WITHIN_3"] > 90 > 10 > numbers["START_WITHIN_3"]
    assert numbers["MEAN_ERROR"] < 2 < 10 < numbers["START_MEAN_ERROR"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Unlike, which it started from" in page and page.count("<img") == 1


def test_a_rate_of_nothing_leaves_the_network_that_it_began_with_and_drops_what_judged_it(layers, out, tiny):
    reporter = KeptReports()
    numbers = trained(layers, out, reporter, start=tiny, rate=1e-12)
    card, networks = load_model(out / "mine.safetensors", "match")
    assert list(networks) == ["match"] and tuple(card.networks["match"]["arguments"]["widths"]) == ARGUMENTS["widths"]
    assert card.summary.endswith("from the model 'Tiny bundle' on.")
    before = load_model(tiny, "match")[1]["match"].state_dict()
    for name, tensor in networks["match"].state_dict().items():
        if name.endswith(("weight", "bias")) and "norm" not in name:
            assert torch.allclose(tensor, before[name], atol=1e-6)
    assert numbers["START_WITHIN_1"] is not None
    said = "goodness.sar, goodness.optical, orn, match_error of the model 'Tiny bundle' judge its own matches"
    assert any(said in text for text in reporter.texts["info"])


def test_a_training_that_was_cut_off_ends_in_the_same_weights(layers, tmp_path, tiny):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir(), broken.mkdir()
    trained(layers, whole, start=tiny, epochs=4)
    with pytest.raises(CutOff):
        trained(layers, broken, Impatient("Step 4 of "), start=tiny, epochs=4)
    assert [path.name for path in broken.iterdir()] == ["mine.checkpoint"]
    reporter = KeptReports()
    trained(layers, broken, reporter, start=tiny, epochs=4)
    assert "The training goes on after step 3." in reporter.texts["info"]
    assert_same_weights(whole, broken)
    assert [path.name for path in broken.iterdir()] == ["mine.safetensors"]


def test_a_checkpoint_of_other_settings_is_refused_and_kept(layers, out, tiny):
    with pytest.raises(CutOff):
        trained(layers, out, Impatient("Step 4 of "), start=tiny, epochs=4)
    before = (out / "mine.checkpoint").read_bytes()
    said = r"other settings \(epochs: 4 instead of 5, seed: 1 instead of 2, re-alignment: False instead of True"
    with pytest.raises(UserError, match=said):
        trained(layers, out, start=tiny, epochs=5, seed=2, realign=True)
    assert [path.name for path in out.iterdir()] == ["mine.checkpoint"]
    assert (out / "mine.checkpoint").read_bytes() == before


def test_layers_that_are_off_are_refused_with_by_how_much(tmp_path, out, tiny):
    for off, said in (
        ((4, -3), "the optical image is 5.0 pixels (50.1 m) off the SAR image, as 2 of 2 patches agree; co-"),
        ((40, 30), "the optical image is 50.1 pixels (502 m) off the SAR image, seen on both as a whole; co-reg"),
    ):
        with pytest.raises(UserError) as raised:
            trained(write_pair(tmp_path, off), out, start=tiny)
        assert said in str(raised.value) and "Layers 's1' and 's2' are not aligned" in str(raised.value)
        assert ("(REALIGN)" in str(raised.value)) == (off[0] < 16) and not list(out.iterdir())


def test_layers_of_two_scales_are_off_although_their_middles_fit(tmp_path, out, tiny, monkeypatch):
    """Shifts that grow from the middle of the image, by 2 % of the distance."""
    layers = write_pair(tmp_path, width=1280)

    def shift(pair, matcher, max_shift):
        return torch.tensor([0.02 * (int(pair.name.split("/")[-1]) + 128 - 640), 0.0])

    monkeypatch.setattr(alignment, "common_shift", shift)
    said = r"the optical image is [4-8]\.\d pixels .* patches agree; co-register them first .*\(REALIGN\)"
    with pytest.raises(UserError, match=said):
        trained(layers, out, start=tiny)


def test_patches_are_re_aligned_on_request(tmp_path, out, tiny):
    reporter = KeptReports()
    numbers = trained(write_pair(tmp_path, (4, -3)), out, reporter, start=tiny, realign=True)
    assert numbers["OFFSET"] == pytest.approx(5, abs=0.2)
    [moved] = [text for text in reporter.texts["info"] if "patches are moved" in text]
    assert "by 5.0 pixels in the median" in moved
    # Cross-correlation, which knows nothing of the shift, finds planted offsets on the moved patches.
    assert numbers["NCC_WITHIN_1"] > 90


def test_swapped_layers_are_mentioned(layers, tmp_path):
    """Colours in 8 bits, which their file calls red, green and blue, as SAR layer."""
    colours = write_colours(tmp_path / "s2.tif", (colours_of(ground(HEIGHT, WIDTH)) / 10).astype(np.uint8))
    reporter = KeptReports()
    matching_scene(replace(layers, optical=colours), reporter)
    assert not reporter.texts["warning"]
    matching_scene(replace(layers, sar=replace(colours, bands=(1,)), optical=layers.sar), reporter)
    [said] = reporter.texts["warning"]
    assert said == "Layer 's2' looks like an optical image and 's1' like a SAR image: check that they are not swapped."


def test_too_far_or_too_few_to_re_align_is_one_sentence(tmp_path, out, tiny):
    with pytest.raises(UserError, match=r"50\.. pixels .* off the SAR image, .*; co-register them first"):
        trained(write_pair(tmp_path, (40, 30)), out, start=tiny, realign=True)
    one = write_pair(tmp_path)
    other = write_colours(tmp_path / "other.tif", colours_of(ground(HEIGHT, WIDTH, seed=9)))
    reporter = KeptReports()
    with pytest.raises(UserError, match="a shift, .*, in 0 of . training patches .* one of each is needed"):
        trained(replace(one, optical=other), out, reporter, start=tiny, realign=True)
    assert "Whether layers 's1' and 'other' lie on each other could not be measured" in reporter.texts["warning"][0]
    assert not list(out.iterdir())


def test_what_cannot_be_learnt_from_is_one_sentence(layers, tmp_path, out, tiny):
    field = ground(HEIGHT, WIDTH)
    far = write_colours(tmp_path / "far.tif", colours_of(field), (LEFT + 90_000, TOP))
    even = write_colours(tmp_path / "even.tif", np.full((3, HEIGHT, WIDTH), 700, np.uint16))
    flat = write_sar(tmp_path / "flat.tif", np.full((HEIGHT, WIDTH), -9.0))
    small = write_sar(tmp_path / "small.tif", -10 + 3 * field[:256, :300])
    narrow = write_sar(tmp_path / "narrow.tif", -10 + 3 * field[:200])
    elsewhere = write_colours(tmp_path / "elsewhere.tif", np.ones((1, 9, 9), np.uint8), (LEFT + 90_000, TOP))
    corner = np.zeros((1, HEIGHT, WIDTH), np.uint8)
    corner[:, :100, :100] = 1
    corner = write_colours(tmp_path / "corner.tif", corner)
    for wrong, said in (
        ({"optical": far}, "do not overlap"),
        ({"optical": even}, "Layer 'even' holds only the one value 700"),
        ({"sar": flat}, "Layer 'flat' holds only the one value -9"),
        ({"sar": small}, "patches of 256 pixels of layer 'small' that can be used lie too close for two parts that sh"),
        ({"sar": narrow}, "640 × 200 pixels of layer 'narrow', too few for one patch of 256: choose layers that sh"),
        ({"area": elsewhere}, "do not overlap"),
        ({"area": corner}, "None of 8 patches of 256 pixels of layer 's1' can be used (8 for holes or lying outside"),
    ):
        with pytest.raises(UserError) as raised:
            trained(replace(layers, **wrong), out, start=tiny)
        assert said in str(raised.value) and "smaller patches" not in str(raised.value)
        assert not list(out.iterdir())
    with pytest.raises(UserError, match="holds BridgeMatch, not CorrASL, so that no training of CorrASL can start"):
        trained(layers, out, start=tiny, method="corrasl")
    with pytest.raises(UserError, match="learn from patches of 256 pixels; got 64"):
        job_of(replace(layers, patch=64), out)
    assert not list(out.iterdir())


def test_several_places_of_one_unit_teach_together(layers, tmp_path, out, tiny):
    other = write_pair(tmp_path, called="_b", corner=(LEFT + 50_000, TOP), seed=3)
    alone = trained(layers, out, start=tiny)
    both = trained((layers, other), out, start=tiny)
    assert both["TRAINING_PATCHES"] > alone["TRAINING_PATCHES"]
    assert load_model(out / "mine.safetensors", "match")[0].training_sets == ("s1", "s2", "s1_b", "s2_b")
    grey = (128 + 30 * ground(HEIGHT, WIDTH, 3)).clip(0, 255)
    rendered = replace(other, sar=write_sar(tmp_path / "grey.tif", grey, corner=(LEFT + 50_000, TOP), dtype="uint8"))
    with pytest.raises(UserError, match="'s1' is read as dB and layer 'grey' as 8-bit rendering: a matcher learns fr"):
        trained((layers, rendered), out, start=tiny)
