"""What students are taught by teachers, against numbers by hand."""

import numpy as np
import pytest
import torch
from sarbridge.models.buildings.distillation_losses import cosine_loss, heterogeneous_distillation_loss, relation_loss
from sarbridge.models.buildings.segmenter import Activations

ALL_VALID = torch.ones(1, 1, 16, 16, dtype=torch.bool)


def test_the_cosine_is_that_of_whole_layers_and_the_mean_over_layers_and_images():
    generator = torch.Generator().manual_seed(1)
    layers = [torch.randn(2, 2, 3, side, side, generator=generator) for side in (8, 4)]
    student, teacher = zip(*layers)
    expected = []
    for own, shown in zip(student, teacher):
        for one, other in zip(own.numpy(), shown.numpy()):
            expected.append((one * other).sum() / np.sqrt((one**2).sum() * (other**2).sum()))
    valid = torch.ones(2, 1, 8, 8, dtype=torch.bool)
    torch.testing.assert_close(cosine_loss(student, teacher, valid), torch.tensor(1 - np.mean(expected)))


def test_one_logit_a_pixel_can_be_reconstructed():
    student = torch.tensor([[[[1.0, -2.0], [0.5, 3.0]]]], requires_grad=True)
    valid = torch.ones(1, 1, 2, 2, dtype=torch.bool)
    loss = cosine_loss([student], [torch.tensor([[[[1.0, -2.0], [2.0, 0.0]]]])], valid)
    loss.backward()
    assert loss > 0.1 and student.grad.abs().min() > 0


def test_cells_that_are_not_all_valid_do_not_count():
    student, teacher = torch.randn(1, 3, 4, 4), torch.randn(1, 3, 4, 4)
    valid = torch.ones(1, 1, 8, 8, dtype=torch.bool)
    valid[..., :2, :3] = False  # reaches into the second cell
    teacher[..., 0, :2] = student[..., 0, :2] = 0
    expected = cosine_loss([student], [teacher], torch.ones_like(valid))
    teacher[..., 0, :2], student[..., 0, :2] = 100.0, -7.0
    torch.testing.assert_close(cosine_loss([student], [teacher], valid), expected)


def test_a_student_that_is_its_teacher_has_nothing_to_learn():
    layers = [torch.randn(1, 3, 16, 16), torch.randn(1, 1, 4, 4)]
    for loss in (cosine_loss, relation_loss):
        assert loss(layers, layers, ALL_VALID).item() == pytest.approx(0, abs=1e-6)


def test_relations_do_not_depend_on_what_features_are_called():
    generator = torch.Generator().manual_seed(2)
    teacher = torch.randn(1, 6, 16, 16, generator=generator)
    rotation, _ = torch.linalg.qr(torch.randn(6, 6, generator=generator))
    student = 3 * torch.einsum("cd,ndhw->nchw", rotation, teacher)
    assert relation_loss([student], [teacher], ALL_VALID).item() == pytest.approx(0, abs=1e-9)
    assert cosine_loss([student], [teacher], ALL_VALID).item() > 0.1


def test_relations_that_are_known():
    """Half of the places look one way, half another; to the student all look alike: half of all pairs are off by 1."""
    teacher = torch.zeros(1, 2, 8, 8)
    teacher[:, 0, :4] = teacher[:, 1, 4:] = 2
    student = torch.ones(1, 5, 8, 8)
    assert relation_loss([student], [teacher], ALL_VALID).item() == pytest.approx(0.5)
    half = ALL_VALID.clone()
    half[:, :, 8:] = False
    assert relation_loss([student], [teacher], half).item() == pytest.approx(0, abs=1e-9)
    three_quarters = ALL_VALID.clone()
    three_quarters[:, :, 12:] = False  # four rows of places look one way, two another: 2 * 4 * 2 of 6 * 6 are off
    assert relation_loss([student], [teacher], three_quarters).item() == pytest.approx(16 / 36)


def test_the_student_of_hfd_net_is_told_relations_by_the_encoder_and_features_by_the_decoder():
    generator = torch.Generator().manual_seed(1)
    stages = tuple(torch.randn(2, 16, 16, 16, generator=generator) for _ in range(6))
    seen = Activations(stages, stages[2], stages[5][:, :1])
    turned = torch.linalg.qr(torch.randn(16, 16, generator=generator))[0]
    other = [torch.einsum("nchw,cd->ndhw", each, turned) for each in stages]
    valid = torch.ones(2, 1, 16, 16, dtype=torch.bool)
    # The same places are alike in other features: only the decoder's must be the same ones.
    same_relations = seen._replace(stages=(*other[:3], *stages[3:]))
    assert heterogeneous_distillation_loss(same_relations, seen, valid) < 1e-5
    assert heterogeneous_distillation_loss(seen._replace(stages=(*stages[:3], *other[3:])), seen, valid) > 0.5
    assert heterogeneous_distillation_loss(seen._replace(stages=stages[::-1]), seen, valid) > 0.5


def test_losses_of_half_precision_are_of_full_precision_and_have_gradients():
    student, teacher = torch.randn(1, 4, 16, 16).bfloat16().requires_grad_(), torch.randn(1, 4, 16, 16).bfloat16()
    for loss in (cosine_loss, relation_loss):
        value = loss([student], [teacher], ALL_VALID)
        assert value.dtype == torch.float32
        [gradient] = torch.autograd.grad(value, student)
        assert gradient.any()
