"""The lessons of buildings, on a tiny network: what learns, from what, and that a training that goes on is the same."""

import pytest
import torch
from sarbridge.engine.buildings.methods import NETWORK
from sarbridge.engine.buildings.training.curricula import CURRICULA
from sarbridge.engine.buildings.training.hfd_lesson import HfdLesson
from sarbridge.engine.buildings.training.optimisers import as_published, own
from sarbridge.engine.buildings.training.reconstruction_lesson import CHOICES, ReconstructionLesson
from sarbridge.engine.buildings.training.segmentation_lesson import SegmentationLesson
from sarbridge.engine.buildings.training.thresholds import counted
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.lesson import Plan
from sarbridge.engine.training.loop import train
from sarbridge.models.buildings.distillation_losses import heterogeneous_distillation_loss
from sarbridge.tests.engine.buildings.training.tiny import Blocks, TinySegmenter, places
from torch.nn import functional as F

CPU = torch.device("cpu")
STEPS = 8

pytestmark = pytest.mark.usefixtures("one_thread")


def network_of(bands, seed, **arguments):
    torch.manual_seed(seed)
    return TinySegmenter(bands, **arguments)


def segmentation(outputs=1, **options):
    options = {"optimiser": own(0.02), **options}
    return SegmentationLesson(network_of(1, 3, outputs=outputs), Blocks(), places(), **options)


def reconstruction(layers, steps=STEPS, **options):
    teacher = network_of(3, 4)
    for module in teacher.modules():  # statistics as of a network that has learnt
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.2, 0.2)
    options = {"optimiser": own(0.02), **options}
    return ReconstructionLesson(network_of(1, 3), teacher, Blocks(), places(), steps=steps, layers=layers, **options)


def heterogeneous():
    return HfdLesson(network_of(1, 3), network_of(3, 4), Blocks(), places(), own(0.02))


LESSONS = {
    "segmentation": segmentation,
    "segmentation with borders": lambda: segmentation(outputs=2, soft_iou=0.5),
    "heterogeneous": heterogeneous,
    "decoder": lambda: segmentation(learns="decoder", optimiser=as_published(0.1)),
    **{layers: lambda layers=layers: reconstruction(layers, optimiser=as_published(0.1)) for layers in CHOICES},
}


def taught(lesson, checkpoint, steps=STEPS, **options):
    return train(lesson, Plan(steps, 4, **options), checkpoint, CPU, NullReporter())


@torch.no_grad()
def score_of(lesson):
    """The score, as the loop asks for it."""
    lesson.networks[NETWORK].eval()
    return lesson.score()


def test_footprints_are_learnt(tmp_path):
    lesson = segmentation()
    record = taught(lesson, tmp_path / "lesson.safetensors", 60, report_every=10, score_every=20)
    shown = list(record.figures.values())
    assert shown[-1]["footprints"] < 0.5 * shown[0]["footprints"]
    assert record.score < 0.3
    assert counted(record.networks[NETWORK], places()).best().iou == pytest.approx(1 - record.score, abs=0.02)


@pytest.mark.parametrize("layers", CHOICES)
def test_a_student_comes_to_see_what_its_teacher_sees(layers, tmp_path):
    lesson = reconstruction(layers, 80)
    record = taught(lesson, tmp_path / "lesson.safetensors", 80, report_every=10)
    of_last = f"1 - cosine, {layers.split('_')[-1]}"
    shown = [figures[of_last] for figures in record.figures.values() if of_last in figures]
    assert shown[-1] < 0.8 * shown[0]
    assert ("1 - cosine, mid" in record.figures[10]) == layers.startswith("mid")


@pytest.mark.parametrize("name", LESSONS)
def test_a_training_that_was_cut_off_is_the_same_training(name, tmp_path):
    options = {"score_every": 4, "checkpoint_every": 4}
    unbroken = taught(LESSONS[name](), tmp_path / "unbroken.safetensors", **options)
    for steps in (4, STEPS):
        resumed = taught(LESSONS[name](), tmp_path / "resumed.safetensors", steps, **options)
    assert unbroken.scores == resumed.scores
    for key, tensor in unbroken.networks[NETWORK].state_dict().items():
        assert torch.equal(tensor, resumed.networks[NETWORK].state_dict()[key]), key


def changed(lesson, checkpoint, steps=STEPS):
    """The names of all weights and statistics of the network that a training changes."""
    before = {name: tensor.clone() for name, tensor in lesson.networks[NETWORK].state_dict().items()}
    after = taught(lesson, checkpoint, steps).networks[NETWORK].state_dict()
    return {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}


def halves(names):
    return {name.partition(".")[0] for name in names}


def test_only_the_part_that_is_to_learn_changes(tmp_path):
    names = set(network_of(1, 3).state_dict())
    for lesson, expected in (
        (segmentation(), {"encoder", "decoder"}),
        (segmentation(learns="decoder"), {"decoder"}),
        (reconstruction("mid"), {"encoder"}),
    ):
        found = changed(lesson, tmp_path / f"{id(lesson)}.safetensors")
        assert found == {name for name in names if name.partition(".")[0] in expected}


def test_mid_and_fin_have_their_turns_one_after_the_other(tmp_path):
    first = changed(reconstruction("mid_fin"), tmp_path / "lesson.safetensors", STEPS // 2)
    assert halves(first) == {"encoder"}
    lesson = reconstruction("mid_fin")
    lesson.networks[NETWORK].load_state_dict(
        taught(lesson, tmp_path / "lesson.safetensors", STEPS // 2).networks[NETWORK].state_dict()
    )
    assert halves(changed(lesson, tmp_path / "lesson.safetensors", STEPS)) == {"decoder"}


def test_scores_count_from_the_last_layers_turn_on(tmp_path):
    record = taught(reconstruction("mid_fin"), tmp_path / "lesson.safetensors", score_every=1)
    assert sorted(record.scores) == list(range(STEPS // 2 + 1, STEPS + 1))


def test_a_student_begins_as_its_teacher_but_for_the_layer_that_sees_the_bands():
    lesson = reconstruction("int")
    own_layer = network_of(1, 3).input_layer.weight
    student, teacher = lesson.networks[NETWORK], lesson._teacher
    assert torch.equal(student.input_layer.weight, own_layer)
    for name, tensor in teacher.state_dict().items():
        if not name.startswith("encoder.layers.0.0."):
            assert torch.equal(student.state_dict()[name], tensor), name


def test_a_teacher_never_changes_and_sees_optical_images_in_eval_mode(tmp_path):
    lesson = reconstruction("int")
    before = {name: tensor.clone() for name, tensor in lesson._teacher.state_dict().items()}
    taught(lesson, tmp_path / "lesson.safetensors", score_every=2)
    assert not lesson._teacher.training and NETWORK in lesson.networks and len(lesson.networks) == 1
    assert all(torch.equal(tensor, before[name]) for name, tensor in lesson._teacher.state_dict().items())


def test_the_loss_by_hand():
    lesson = segmentation(outputs=2, soft_iou=0.5)
    batch = lesson.draw(0, 4, torch.Generator().manual_seed(1))
    part = next(lesson.losses(batch))
    logits = lesson.networks[NETWORK](batch.planes)
    inside = batch.valid[:, 0]
    built = (batch.labels[:, 0] > 0).float()
    footprint = F.binary_cross_entropy_with_logits(logits[:, 0][inside], built[inside])
    torch.testing.assert_close(part.figures["footprints"], footprint)
    sum_of_parts = footprint + part.figures["borders"] + 0.5 * part.figures["1 - soft IoU"]
    torch.testing.assert_close(part.loss, sum_of_parts)


def test_what_is_not_valid_is_no_label():
    lesson = segmentation()
    batch, other = (Blocks().draw(0, 2, torch.Generator().manual_seed(1)) for _ in range(2))
    other.labels[~other.valid] = 0
    assert next(lesson.losses(batch)).loss.item() == next(lesson.losses(other)).loss.item()


def test_hfd_learns_from_footprints_and_from_its_teacher_at_once():
    lesson = heterogeneous()
    batch = lesson.draw(0, 4, torch.Generator().manual_seed(1))
    part = next(lesson.losses(batch))
    student, teacher = lesson.networks[NETWORK], lesson._teacher
    distilled = heterogeneous_distillation_loss(
        student.activations(batch.planes), teacher.activations(batch.optical), batch.valid
    )
    torch.testing.assert_close(part.loss, part.figures["footprints"] + distilled)
    part.loss.backward()
    assert all(parameter.grad is None for parameter in teacher.parameters())
    assert torch.equal(student.decoder.last.weight, teacher.decoder.last.weight)


def test_the_published_optimiser():
    (optimiser,) = segmentation(optimiser=CURRICULA["pspnet"].optimiser(CURRICULA["pspnet"].rate)).optimisers
    assert type(optimiser) is torch.optim.SGD
    assert (optimiser.defaults["lr"], optimiser.defaults["momentum"]) == (0.1, 0.9)
