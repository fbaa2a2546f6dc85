"""Epochs: everything once, in another order each time, whatever was asked for before."""

import pytest
from sarbridge.engine.training.epochs import shown, steps_of


@pytest.mark.parametrize("count", [1, 7, 20])
def test_an_epoch_shows_everything_once(count):
    epochs = [[shown(number, count, 3) for number in range(begin, begin + count)] for begin in (0, count, 2 * count)]
    assert all(sorted(epoch) == list(range(count)) for epoch in epochs)
    assert count < 20 or len({tuple(epoch) for epoch in epochs}) == 3


def test_orders_follow_from_the_seed_alone():
    once, again = ([shown(number, 20, 3) for number in numbers] for numbers in (range(60), reversed(range(60))))
    assert once == again[::-1]
    assert once != [shown(number, 20, 4) for number in range(60)]


@pytest.mark.parametrize(("epochs", "batch", "steps"), [(1, 4, 5), (3, 4, 15), (1, 3, 7), (2, 3, 14), (1, 50, 1)])
def test_steps_show_everything_often_enough_and_hardly_more_often(epochs, batch, steps):
    assert steps_of(epochs, 20, batch) == steps
    assert epochs * 20 <= steps * batch < epochs * 20 + batch
