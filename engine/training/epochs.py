"""Epochs: all samples of a training once, in another order each time."""

import math
from functools import lru_cache

import numpy as np


def steps_of(epochs: float, count: int, batch: int) -> int:
    """Return how many steps of `batch` samples show each of `count` things `epochs` times, or hardly more often."""
    return math.ceil(epochs * count / batch)


def shown(number: int, count: int, seed: int) -> int:
    """Return which of `count` things the sample with a `number`, from 0 on through all epochs, shows: 0..count - 1.

    It depends on nothing else, so that a training that was cut off goes on in the same order.
    """
    epoch, place = divmod(number, count)
    return int(_order(count, seed, epoch)[place])


@lru_cache(2)  # a batch may reach into the next one
def _order(count, seed, epoch):
    return np.random.default_rng((seed, epoch)).permutation(count)
