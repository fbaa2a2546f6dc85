"""Labelled patches of simulated cities, and few of them labelled."""

import pytest
import torch
from sarbridge.engine.despeckling.training.merlin_seg_lesson import LabelledParts
from sarbridge.recipes.despeckling.labelled_cities import (
    PATCH,
    Crops,
    labelled_cities,
    labelled_only,
    negatives_per_positive,
    with_few_labels,
)


@pytest.fixture(scope="module")
def patches(tmp_path_factory):
    return labelled_cities(tmp_path_factory.mktemp("work"), 5, 4)


def test_patches_are_at_the_level_of_the_city_and_roofs_are_known(patches):
    assert patches.parts.shape == (4, 2, PATCH, PATCH) and patches.labels.shape == (4, 1, PATCH, PATCH)
    assert 0.3 < float(patches.parts.square().sum(1).median()) < 3
    assert 0.001 < float(patches.labels.mean()) < 0.6
    assert patches.is_labelled.all()


def numbered(count):
    parts = torch.arange(float(count))[:, None, None, None].expand(count, 2, PATCH, PATCH)
    return LabelledParts(parts, parts[:, :1] % 2, torch.ones(count, 1, 1, 1, dtype=torch.bool))


@pytest.mark.parametrize(("percent", "count"), [(100, 200), (20, 40), (5, 10), (1, 2)])
def test_so_many_are_labelled(percent, count):
    few = with_few_labels(numbered(200), percent, seed=1)
    assert int(few.is_labelled.sum()) == count and len(few.parts) == 200
    assert len(labelled_only(few).parts) == count
    assert torch.equal(with_few_labels(numbered(200), percent, 1).is_labelled, few.is_labelled)
    if percent < 100:
        assert not torch.equal(with_few_labels(numbered(200), percent, 2).is_labelled, few.is_labelled)


def test_positives_weigh_as_negatives_are_more():
    patches = numbered(4)
    assert negatives_per_positive(patches) == pytest.approx(1)
    assert negatives_per_positive(patches._replace(labels=patches.labels * 0.5)) == pytest.approx(3)


def test_crops_show_parts_and_labels_of_one_place():
    patches = numbered(7)
    batch = Crops(patches, 64).draw(0, 20, torch.Generator().manual_seed(0))
    assert batch.parts.shape == (20, 2, 64, 64) and batch.is_labelled.shape == (20, 1, 1, 1)
    assert torch.equal(batch.parts[:, :1] % 2, batch.labels)
    assert len(batch.parts[:, 0, 0, 0].unique()) > 3


def test_labelled_crops_are_as_many_as_asked_however_few_the_patches_are():
    few = with_few_labels(numbered(100), 1, seed=1)
    draws = [Crops(few, 64, share).draw(0, 20, torch.Generator().manual_seed(0)) for share in (0.0, 0.5)]
    assert [int(batch.is_labelled.sum()) >= 10 for batch in draws] == [False, True]
