"""How places are turned and mirrored before they are learnt from."""

import torch
from sarbridge.engine.buildings.training.samples import BuildingSample, oriented


def sample(count, look_known):
    """Places whose every image shows the same numbers, which differ from pixel to pixel."""
    image = torch.arange(16.0).reshape(1, 1, 4, 4).repeat(count, 1, 1, 1)
    return BuildingSample(image, image % 3 > 0, torch.tensor(look_known), image, image.repeat(1, 3, 1, 1))


def seen(batch):
    return {tuple(image.flatten().tolist()) for image in batch.planes}


def test_a_known_look_stays_down_the_columns():
    turned = oriented(sample(64, [True] * 64), torch.Generator().manual_seed(1))
    image = torch.arange(16.0).reshape(4, 4)
    assert seen(turned) == {tuple(each.flatten().tolist()) for each in (image, image.flip(1))}


def test_without_a_look_all_eight_orientations_come_and_all_images_of_a_place_turn_alike():
    known = [False, True] * 64
    turned = oriented(sample(128, known), torch.Generator().manual_seed(1))
    assert len(seen(turned)) == 8
    assert torch.equal(turned.planes, turned.labels)
    assert torch.equal(turned.optical, turned.planes.expand(-1, 3, -1, -1))
    assert torch.equal(turned.valid, turned.planes % 3 > 0)
    assert turned.look_known.tolist() == known


def test_what_is_not_there_stays_so():
    pairs = BuildingSample(
        torch.rand(2, 1, 4, 4), torch.ones(2, 1, 4, 4, dtype=torch.bool), torch.tensor([True, False])
    )
    turned = oriented(pairs, torch.Generator().manual_seed(1))
    assert turned.labels is None and turned.optical is None


def test_shares_and_numbers_of_buildings_are_built():
    labels = torch.tensor([0.0, 0.25, 1.0, 7.0]).reshape(1, 1, 2, 2)
    batch = BuildingSample(labels, labels > -1, torch.tensor([True]), labels)
    assert batch.built.flatten().tolist() == [0.0, 0.25, 1.0, 1.0]
