"""What students are taught by teachers, against numbers by hand."""

import numpy as np
import torch
from sarbridge.models.buildings.losses import cosine_loss, heterogeneous_distillation_loss
from sarbridge.models.buildings.segmenter import Activations


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


def test_the_student_of_hfd_net_is_told_relations_by_the_encoder_and_features_by_the_decoder():
    generator = torch.Generator().manual_seed(1)
    stages = tuple(torch.randn(2, 16, 16, 16, generator=generator) for _ in range(6))
    seen = Activations(stages, stages[2], stages[5][:, :1])
    turned = torch.linalg.qr(torch.randn(16, 16, generator=generator))[0]
    other = [torch.einsum("nchw,cd->ndhw", each, turned) for each in stages]
    # The same places are alike in other features: only the decoder's must be the same ones.
    same_relations = seen._replace(stages=(*other[:3], *stages[3:]))
    assert heterogeneous_distillation_loss(same_relations, seen) < 1e-5
    assert heterogeneous_distillation_loss(seen._replace(stages=(*stages[:3], *other[3:])), seen) > 0.5
    assert heterogeneous_distillation_loss(seen._replace(stages=stages[::-1]), seen) > 0.5
