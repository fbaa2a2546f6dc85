"""The published networks on users' layers: files that their matchers take, and PSiam with the negatives of choice."""

from itertools import combinations

import pytest
import torch
from sarbridge.contract.errors import UserError
from sarbridge.contract.matching_training_jobs import MATCHERS, NEGATIVES, TrainMatcherJob
from sarbridge.engine.matching import train_matcher
from sarbridge.engine.matching.methods import METHODS, Run, make_matcher
from sarbridge.engine.matching.training import pooled_training, teaching
from sarbridge.engine.matching.training.alignment import Alignment
from sarbridge.engine.matching.training.curricula import CURRICULA, Given
from sarbridge.engine.matching.training.hard_mining_lesson import HardMiningLesson
from sarbridge.engine.matching.training.pooled_training import VaeSize
from sarbridge.engine.matching.training.psiam_strategies import STRATEGIES
from sarbridge.engine.matching.training.published_samples import PublishedSampler
from sarbridge.engine.matching.training.ss_net_samples import SsNetSampler
from sarbridge.models.model_file import load_model
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.matching.layers_to_match import write_pair
from sarbridge.tests.engine.matching.thin_networks import thin
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both
from sarbridge.tests.engine.training.impatient import CutOff, Impatient
from sarbridge.tests.engine.whole_training import whole_training

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def as_little_as_there_can_be(monkeypatch):
    """Few channels, one window to be validated on, a VAE-GAN of 8 pixels, and layers that are taken to be aligned."""
    thin(monkeypatch)
    monkeypatch.setattr(teaching, "MOST_SCORED", 2)
    monkeypatch.setattr(train_matcher, "aligned", lambda places, *others: Alignment(places, {}, 0.0))
    monkeypatch.setattr(pooled_training, "ON_CPU", VaeSize(side=8, width=8, batch=4))
    for method, row in CURRICULA.items():
        monkeypatch.setitem(CURRICULA, method, row._replace(validated=(1, 1)))


@pytest.fixture
def layers(tmp_path):
    """A training patch, which is four of PSiam's, and one for validation."""
    return write_pair(tmp_path, height=256, width=512)


def trained(layers, out, reporter=None, **entries):
    given = {"epochs": 1, "batch_size": 2, "device": "cpu", **entries}
    job = TrainMatcherJob((layers,), "Mine", str(out / "mine.safetensors"), str(out / "mine.checkpoint"), **given)
    return whole_training(train_matcher, job, reporter or KeptReports())["numbers"]


def weights_of(folder):
    return load_model(folder / "mine.safetensors", "match")[1]["match"].state_dict()


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("method", ["psiam", "deepmatch", "ssnet"])
def test_a_file_is_written_that_the_matcher_of_the_method_takes_and_a_training_begins_with(method, layers, out):
    numbers = trained(layers, out, method=method)
    assert names(out) == ["mine.safetensors"]
    assert numbers["STEPS"] == 1 and 0 <= numbers["WITHIN_1"] <= 100
    card, networks = load_model(out / "mine.safetensors", "match")
    assert list(networks) == ["match"] and card.validation["set"] == "planted offsets up to 1 px"
    low, high = card.inputs["sar"]["range"]

    class Radiometry:
        unit_out = "dB"

    run = Run(torch.device("cpu"), KeptReports(), None, Radiometry, networks["match"], card)
    matcher = make_matcher(method, run)
    assert type(matcher) is METHODS[method].matcher and matcher.sar_range == (low, high)
    with torch.inference_mode():
        side = matcher.template_side
        sar, optical = matcher.describe(torch.full((side + 2, side + 2), low), torch.rand(side, side))
        assert matcher.heat(optical[None], sar[None]).isfinite().all()

    (out / "later").mkdir()
    start = str(out / "mine.safetensors")
    later = trained(layers, out / "later", method=method, start=start, rate=1e-12)
    assert later["START_WITHIN_1"] is not None
    before = weights_of(out)
    for name, tensor in weights_of(out / "later").items():
        if "running" not in name and "num_batches" not in name:
            assert torch.allclose(tensor, before[name], atol=1e-6), name
    other = "ssnet" if method == "psiam" else "psiam"
    with pytest.raises(UserError, match=f"'Mine' holds {type(networks['match']).__name__}, not "):
        trained(layers, out, method=other, start=start)


def test_corr_asl_climbs_for_most_of_a_training_that_begins_with_random_weights():
    sampler = PublishedSampler([([same_in_both(256, 256)], 1.0)])
    batch = sampler.draw(1, torch.Generator().manual_seed(0))
    make = CURRICULA["corrasl"].lesson
    lesson = make(Given(sampler, [], 1e-3, None, steps=10))

    def figures(lesson, step):
        lesson.begin(step)
        return [name for part in lesson.losses(batch) for name in part.figures]

    assert figures(lesson, 7) == ["cross-entropy"] and figures(lesson, 8) == ["loss"]
    assert figures(make(Given(sampler, [], 1e-3, lesson.networks["match"], steps=10)), 0) == ["loss"]


def test_psiam_learns_from_negatives_of_other_places(layers, out):
    told, negatives = KeptReports(), "nearest"
    numbers = trained(layers, out, told, method="psiam", negatives=negatives, report=str(out / "report.html"))
    assert numbers["STEPS"] == 1 and names(out) == ["mine.safetensors", "report.html"]
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "The method takes seconds for each window" in page
    assert NEGATIVES[negatives] in page and "On the validation area negatives are those from corners" in page
    assert f"with {negatives} negatives" in load_model(out / "mine.safetensors", "match")[0].summary
    assert not any("VAE-GAN" in text for text in told.texts["info"])


def test_hard_negatives_are_mined_and_a_training_that_was_cut_off_is_the_same(layers, tmp_path, monkeypatch):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir(), broken.mkdir()
    given = {"method": "psiam", "negatives": "hard", "epochs": 16, "batch_size": 4}
    renewals, begin = [], HardMiningLesson.begin

    def kept(lesson, step):
        before = lesson._mined.partners.clone()
        begin(lesson, step)
        renewals.append((step, not torch.equal(before, lesson._mined.partners)))

    monkeypatch.setattr(HardMiningLesson, "begin", kept)
    reporter = KeptReports()
    trained(layers, whole, reporter, **given)
    assert not any("mined" in told for told in reporter.texts["warning"])
    assert [step for step, _ in renewals] == list(range(4)) and renewals[0][1]  # two epochs of four patches
    assert not any(is_new for step, is_new in renewals if step % 2)
    with pytest.raises(CutOff):
        trained(layers, broken, Impatient("Step 4 of 4"), **given)
    assert names(broken) == ["mine.checkpoint"]
    trained(layers, broken, **given)
    assert names(broken) == ["mine.safetensors"]
    for name, tensor in weights_of(whole).items():
        assert torch.equal(tensor, weights_of(broken)[name])


def test_a_training_that_is_over_before_anything_is_mined_says_so(layers, out):
    reporter = KeptReports()
    trained(layers, out, reporter, method="psiam", negatives="hard", epochs=8, batch_size=4)  # one pass of four patches
    [said] = [told for told in reporter.texts["warning"] if "mined" in told]
    assert "learnt from random negatives alone" in said
    assert said.endswith("after step 2; train it for longer.")


def test_a_training_with_generated_negatives_goes_on_from_where_either_network_was(layers, tmp_path):
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    whole.mkdir(), broken.mkdir()
    given = {"method": "psiam", "negatives": "generated", "epochs": 12, "batch_size": 4}
    reporter = KeptReports()
    trained(layers, whole, reporter, **given)
    told = " ".join(reporter.texts["info"])
    assert (
        "negatives of 8 pixels a side is taught first, on 4 SAR patches: it has as many epochs as the matcher" in told
    )
    assert "The VAE-GAN learns in 12 steps" in told and "learns in 3 steps of 4 samples" in told
    with pytest.raises(CutOff):
        trained(layers, broken, Impatient("Step 9 of 12"), **given)
    assert names(broken) == ["mine.vae_gan.checkpoint"]
    with pytest.raises(CutOff):
        trained(layers, broken, Impatient("Step 3 of 3"), **given)
    assert names(broken) == ["mine.checkpoint", "mine.vae_gan.checkpoint"]
    with pytest.raises(UserError, match=r"\(negatives: generated instead of random"):
        trained(layers, broken, **{**given, "negatives": "random"})
    reporter = KeptReports()
    trained(layers, broken, reporter, **given)
    assert [text for text in reporter.texts["info"] if "goes on after" in text] == [
        "The training goes on after step 12.",
        "The training goes on after step 2.",
    ]
    assert names(broken) == ["mine.safetensors"]
    for name, tensor in weights_of(whole).items():
        assert torch.equal(tensor, weights_of(broken)[name])


def test_half_of_the_minutes_are_for_the_vae_gan(layers, out):
    reporter = KeptReports()
    trained(layers, out, reporter, method="psiam", negatives="generated", minutes=0.02)
    told = [text for text in reporter.texts["info"] if "fit into" in text or "at most" in text]
    assert "it has at most 50% of the minutes" in told[0]
    assert [text.endswith("fit into 0.01 min.") for text in told[1:]] == [True, True]


def test_ss_net_learns_from_patches_without_labels_as_well(tmp_path, out, monkeypatch):
    made = []

    class Sampler(SsNetSampler):
        def __init__(self, sets, share=1.0, seed=1):
            super().__init__(sets, share, seed)
            made.append((share, seed, sets))

    monkeypatch.setitem(CURRICULA, "ssnet", CURRICULA["ssnet"]._replace(sampler=Sampler))
    layers = write_pair(tmp_path, height=512, width=768)
    given = {"method": "ssnet", "labelled": 0.25, "seed": 7, "epochs": 2, "report": str(out / "report.html")}
    with pytest.raises(CutOff):
        trained(layers, out, Impatient("Step 2 of"), **given)
    with pytest.raises(UserError, match=r"\(share of labelled patches: 25 % instead of 100 %"):
        trained(layers, out, **{**given, "labelled": 1.0})
    assert trained(layers, out, **given)["STEPS"] > 2
    for (pairs, _), *others in (sets for share, seed, sets in made if (share, seed) == (0.25, 7)):
        places = [tuple(map(int, pair.name.split("/")[1:])) for pair in pairs]
        assert not others and len(places) > 1
        assert all(max(abs(a - c), abs(b - d)) >= 256 for (a, b), (c, d) in combinations(places, 2))
    assert "25 % of the training ground labelled" in load_model(out / "mine.safetensors", "match")[0].summary
    assert "25 % of the training ground" in (out / "report.html").read_text(encoding="utf-8")


def test_every_method_and_every_choice_of_negatives_has_its_row():
    assert list(CURRICULA) == list(MATCHERS) and ["corners", *STRATEGIES] == list(NEGATIVES)


def test_negatives_and_labels_that_make_no_sense_are_one_sentence(layers, out):
    for entries, said in (
        ({"method": "deepmatch", "negatives": "hard"}, "Negatives 'hard' are for PSiam only, and DeepMatch learns in"),
        ({"method": "psiam", "negatives": "easy"}, "negatives"),
        ({"method": "psiam", "batch_size": 1}, "right and wrong patches in turn: choose a batch size of 2 or more"),
        ({"method": "psiam", "labelled": 0.5}, "Only SSNet learns from patches without labels, and PSiam needs all of"),
        ({"method": "ssnet", "labelled": 0.5}, "room for one training patch of 256 pixels only, which cannot be lab"),
        ({"method": "ssnet", "labelled": 0.0}, "share of labelled patches is more than 0 and at most 1; got 0"),
    ):
        with pytest.raises(UserError, match=said):
            trained(layers, out, **entries)
    assert not list(out.iterdir())
