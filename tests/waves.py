"""Ground that is known at every position: a sum of random waves, so that images of it can be shifted by any amount."""

import math

import numpy as np


def waves(length, seed, count=250):
    """Return a function (xs, ys) -> values (mean 0, standard deviation 1) of a texture with waves around `length`."""
    generator = np.random.default_rng(seed)
    frequencies = generator.normal(size=(count, 2)) * 2 * math.pi / length
    phases = generator.uniform(0, 2 * math.pi, count)

    def ground(xs, ys):
        total = np.zeros(np.shape(xs))
        for (x, y), phase in zip(frequencies, phases):
            total += np.cos(x * xs + y * ys + phase)
        return total * math.sqrt(2 / count)

    return ground
