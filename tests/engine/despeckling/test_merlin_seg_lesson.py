"""Learning to segment with few labels: the loss by hand, and what unlabelled patches count in."""

import pytest
import torch
from sarbridge.engine.despeckling.training.merlin_seg_lesson import (
    NETWORK,
    IntensityLesson,
    LabelledParts,
    MerlinSegLesson,
)
from sarbridge.models.despeckling.losses import merlin_loss
from sarbridge.models.despeckling.merlin_seg import IntensitySegmenter, MerlinSeg, segmenting_unet


def patches(labelled=(True, False)):
    generator = torch.Generator().manual_seed(0)
    parts = torch.randn((len(labelled), 2, 16, 16), generator=generator)
    labels = (torch.rand((len(labelled), 1, 16, 16), generator=generator) < 0.3).float()
    return LabelledParts(parts, labels, torch.tensor(labelled)[:, None, None, None])


def lesson(weight=0.5, negatives=4.0, validation=()):
    torch.manual_seed(0)
    return MerlinSegLesson(MerlinSeg(2, 3), None, validation, negatives, weight)


def loss_of(taught, batch):
    (part,) = taught.losses(batch)
    return part.loss


def test_the_loss_is_that_of_the_document():
    """λ · MERLIN + (1 − λ) · BCE, whose positive pixels weigh as many times as there are negatives for each."""
    batch = patches((True,))
    taught = lesson(weight=0.3)
    found = taught.networks[NETWORK].estimates(batch.parts)
    real, imaginary = batch.parts.square().split(1, 1)
    despeckled = (merlin_loss(found.from_real, imaginary) + merlin_loss(found.from_imaginary, real)).mean() / 2
    likely = found.logits.sigmoid()
    entropy = -(4 * batch.labels * likely.log() + (1 - batch.labels) * (1 - likely).log()).mean()
    assert loss_of(taught, batch).item() == pytest.approx((0.3 * despeckled + 0.7 * entropy).item(), rel=1e-4)


def test_unlabelled_patches_count_in_despeckling_alone():
    batch = patches((True, False))
    changed = batch._replace(labels=torch.cat([batch.labels[:1], 1 - batch.labels[1:]]))
    taught = lesson()
    torch.testing.assert_close(loss_of(taught, batch), loss_of(taught, changed))
    other = batch._replace(labels=torch.cat([1 - batch.labels[:1], batch.labels[1:]]))
    assert not torch.allclose(loss_of(taught, batch), loss_of(taught, other))


def test_without_any_label_only_despeckling_is_learnt():
    batch = patches((False, False))
    taught = lesson()
    loss_of(taught, batch).backward()
    network = taught.networks[NETWORK]
    assert all(not each.grad.any() for each in network.head.parameters())
    assert any(each.grad.any() for each in network.unet.parameters())


def test_the_score_is_one_minus_the_overlap_of_all_pixels():
    batch = patches((True, True))
    taught = lesson(validation=[batch])
    found = taught.networks[NETWORK](batch.parts) > 0
    there = batch.labels > 0.5
    expected = 1 - float((found & there).sum() / (found | there).sum())
    assert taught.score() == pytest.approx(expected)


def test_baselines_see_the_intensity():
    torch.manual_seed(0)
    taught = IntensityLesson(IntensitySegmenter(segmenting_unet(2, 3)), None, [], 1.0)
    batch = patches((True, True))
    turned = torch.stack([-batch.parts[:, 1], batch.parts[:, 0]], 1)  # another phase
    torch.testing.assert_close(taught.logits(batch.parts), taught.logits(turned))
    assert loss_of(taught, batch).isfinite()


def test_labels_may_be_known_pixel_by_pixel():
    batch = patches((True, True))
    known = torch.zeros_like(batch.labels, dtype=torch.bool)
    known[..., :9] = True
    batch = batch._replace(is_labelled=known)
    changed = batch._replace(labels=torch.where(known, batch.labels, 1 - batch.labels))
    torch.testing.assert_close(loss_of(lesson(), batch), loss_of(lesson(), changed))
    scores = [lesson(validation=[each]).score() for each in (batch, changed)]
    assert scores[0] == scores[1]
    found, there = lesson().networks[NETWORK](batch.parts)[..., :9] > 0, batch.labels[..., :9] > 0.5
    assert scores[0] == pytest.approx(1 - float((found & there).sum() / (found | there).sum()))
