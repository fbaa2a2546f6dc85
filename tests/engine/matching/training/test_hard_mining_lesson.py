"""Traditional hard mining: what was called a match is shown again, and a run that was cut off is the same run."""

import pytest
import torch
from sarbridge.engine.matching.training.hard_mining_lesson import HardMiningLesson
from sarbridge.engine.matching.training.negatives import random_partners
from sarbridge.engine.matching.training.patch_cells import PatchPool
from sarbridge.engine.reporting import NullReporter
from sarbridge.engine.training.lesson import Plan
from sarbridge.engine.training.loop import train
from sarbridge.models.matching.psiam import PSiam, log_odds
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def pool():
    return PatchPool([([same_in_both(72, 48)], 1.0)], 24)  # six patches


def lesson_of(pool):
    torch.manual_seed(0)
    return HardMiningLesson(pool, PSiam(24), (0.0, 255.0), batch=4, seed=2)


def test_each_patch_is_shown_once_an_epoch_with_its_partner(pool):
    lesson = lesson_of(pool)
    lesson.begin(0)
    partners = lesson.networks["mined"].partners
    assert torch.equal(partners, random_partners(6, 2, 0))
    seen, shown = [], []
    lesson.logits = lambda patches: shown.append(patches) or torch.zeros(len(patches.sar), 2, requires_grad=True)
    for step in range(3):
        batch = lesson.draw(step, 4, torch.Generator().manual_seed(step))
        seen += batch.numbers.tolist()
        unturned = batch._replace(turns=torch.zeros_like(batch.turns))
        (part,) = lesson.losses(unturned)
        assert torch.equal(shown[-1].sar, pool.sar(torch.cat((batch.numbers, partners[batch.numbers]))))
        assert torch.equal(shown[-1].optical, pool.optical(batch.numbers.repeat(2)))
        assert shown[-1].matches.tolist() == [1, 1, 0, 0] and part.loss.item() == pytest.approx(0.6931, abs=1e-3)
    assert sorted(seen) == list(range(6))


def test_what_was_called_a_match_stays_and_the_rest_is_drawn_again(pool):
    lesson = lesson_of(pool)
    lesson.begin(0)
    mined = lesson.networks["mined"]
    before = mined.partners.clone()
    mined.scores[:] = torch.tensor([2.0, -1.0, 0.5, -3.0, 0.0, -0.1])
    lesson.begin(1), lesson.begin(2)
    assert torch.equal(mined.partners, before), "the epoch is not over"
    lesson.begin(3)
    fresh = random_partners(6, 2, 1)
    assert torch.equal(
        mined.partners, torch.where(torch.tensor([True, False, True, False, False, False]), before, fresh)
    )
    assert not mined.scores.any()


def test_the_networks_own_scores_are_kept(pool):
    lesson = lesson_of(pool)
    lesson.begin(0)
    network, mined = lesson.networks["match"].eval(), lesson.networks["mined"]
    batch = lesson.draw(0, 4, torch.Generator())
    batch = batch._replace(turns=torch.zeros_like(batch.turns))
    list(lesson.losses(batch))
    with torch.no_grad():
        sar, optical = pool.sar(mined.partners[batch.numbers]) / 255, pool.optical(batch.numbers)
        torch.testing.assert_close(mined.scores[batch.numbers], log_odds(network(sar, optical)))
    assert mined.scores.count_nonzero() == 2


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_a_run_that_was_cut_off_is_the_same_run(cut, pool, tmp_path):
    """Epochs have three steps: cut before the last of one, after it, and after the first of the next."""

    def taught(name, steps):
        plan = Plan(steps, 4, 1, checkpoint_every=1)
        return train(lesson_of(pool), plan, tmp_path / name, torch.device("cpu"), NullReporter()).networks

    whole = taught("whole.safetensors", 7)
    taught("cut.safetensors", cut)
    again = taught("cut.safetensors", 7)
    for name, network in whole.items():
        for key, tensor in network.state_dict().items():
            assert torch.equal(tensor, again[name].state_dict()[key]), (name, key)
