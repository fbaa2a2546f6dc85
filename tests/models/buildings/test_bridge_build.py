"""BridgeBuild: what it is told, how large it is, and what a pixel depends on."""

import torch
from sarbridge.models.buildings.bridge_build import BridgeBuild, sar_planes
from sarbridge.models.folded_unet import REACH


def test_planes_tell_the_angle_and_whether_the_look_is_known():
    backscatter = torch.randn(2, 1, 4, 6)
    planes = sar_planes(backscatter, torch.tensor([20.0, 50.0]), True)
    assert torch.equal(planes[:, :1], backscatter)
    assert (planes[0, 1] == -1).all() and (planes[1, 1] == 0.5).all() and (planes[:, 2] == 1).all()
    unknown = sar_planes(backscatter, None, False)
    assert not unknown[:, 1:].any()
    assert torch.equal(unknown[:, 1], sar_planes(backscatter, torch.tensor(40.0), False)[:, 1])


def test_it_has_at_most_two_million_weights():
    assert sum(each.numel() for each in BridgeBuild().parameters()) <= 2_000_000


def test_footprint_and_border_have_the_size_of_the_image():
    network = BridgeBuild(widths=(4, 4, 4, 4, 4)).eval()
    planes = sar_planes(torch.randn(2, 1, 64, 96), None, True)
    activations = network.activations(planes)
    assert network(planes).shape == (2, 2, 64, 96)
    assert [each.shape[-2] for each in activations.stages] == [32, 8, 2, 4, 16, 32]
    assert activations.encoded.shape[-2:] == (2, 3)


def test_a_student_starts_from_a_teacher_of_other_bands():
    teacher, student = (BridgeBuild(bands, (4, 4, 4, 4, 4)) for bands in (4, 3))
    first = {name: each.clone() for name, each in student.encoder.down[0].named_parameters()}
    student.start_from(teacher)
    assert torch.equal(student.decoder.head.weight, teacher.decoder.head.weight)
    assert all(torch.equal(each, first[name]) for name, each in student.encoder.down[0].named_parameters())


def test_what_a_pixel_depends_on_lies_within_the_reach():
    """With positive weights nothing cancels out; the farthest place is at the corner of the coarsest cell."""
    network = BridgeBuild(1, (1, 1, 1, 1, 1)).double().eval()
    for weights in network.parameters():
        torch.nn.init.constant_(weights, 0.1)
    image = torch.ones(1, 1, 640, 640, dtype=torch.float64, requires_grad=True)
    reach = 0
    for place in (320, 351):
        logits = network.decoder(network.encoder(image))[0][-1].repeat_interleave(2, 2).repeat_interleave(2, 3)
        [gradient] = torch.autograd.grad(logits[0, 0, place, place], image)
        rows = (gradient[0, 0] != 0).any(1).nonzero()[:, 0]
        reach = max(reach, place - int(rows.min()), int(rows.max()) - place)
    assert reach <= REACH
