"""PSiam on a pool: what its positives are paired with in each strategy."""

import pytest
import torch
from sarbridge.engine.matching.training.hard_mining_lesson import HardMiningLesson
from sarbridge.engine.matching.training.negatives import nearest_partners
from sarbridge.engine.matching.training.patch_cells import PatchPool
from sarbridge.engine.matching.training.psiam_strategies import STRATEGIES, PooledPSiam
from sarbridge.models.matching.psiam import PSiam
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def pool():
    return PatchPool([([same_in_both(96, 64)], 1.0)], 32)  # six patches


def sums(images):
    """What tells patches apart, however they are turned."""
    return [round(float(image.sum())) for image in images]


def test_each_strategy_pairs_with_its_own_negatives(pool):
    own = sums(pool.sar(torch.arange(len(pool))))
    nearest = dict(zip(own, (own[partner] for partner in nearest_partners(pool).tolist())))
    pooled = PooledPSiam(
        pool, (0.0, 255.0), batch=4, seed=1, generated=lambda numbers: torch.zeros(len(numbers), 1, 32, 32)
    )
    lessons = {name: pooled.lesson(kinds, PSiam(32), [], 1e-3) for name, kinds in STRATEGIES.items()}
    assert isinstance(lessons.pop("hard"), HardMiningLesson)
    found = {}
    for name, lesson in lessons.items():
        batch = lesson.draw(0, 8, torch.Generator().manual_seed(0))
        assert batch.matches.tolist() == [1.0] * 4 + [0.0] * 4
        right, wrong = sums(batch.sar[:4]), sums(batch.sar[4:])
        assert set(right) <= set(own) and not any(a == b for a, b in zip(right, wrong))
        found[name] = list(zip(right, wrong))
    assert all(wrong in own for _, wrong in found["random"])
    assert all(nearest[right] == wrong for right, wrong in found["nearest"])
    assert [wrong == 0 for _, wrong in found["generated"]] == [False, True, False, True]
