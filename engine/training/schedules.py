"""How learning rates change over a training: factors of the rates that the optimisers were made with."""

import math
from typing import Callable

Schedule = Callable[[int, int], float]
"""(step from 0, number of steps) -> factor of the learning rate."""


def constant(step: int, steps: int) -> float:
    """Return 1."""
    return 1.0


def cosine(warm_up: int = 0) -> Schedule:
    """Return a schedule that falls from 1 to 0 as half a cosine, after rising evenly over the first `warm_up` steps."""

    def factor(step: int, steps: int) -> float:
        rising = min(1.0, (step + 1) / warm_up) if warm_up else 1.0
        return rising * 0.5 * (1 + math.cos(math.pi * step / steps))

    return factor


def warm_cosine(step: int, steps: int) -> float:
    """Return the factor of `cosine` after a rise over a tenth of the steps, or 200: for trainings of any length."""
    return cosine(warm_up=min(200, steps // 10))(step, steps)


def level_then_linear(level: float = 0.5) -> Schedule:
    """Return a schedule that is 1 for a share `level` of the steps, then falls evenly to 0: that of CycleGAN."""

    def factor(step: int, steps: int) -> float:
        return min(1.0, (1 - step / steps) / (1 - level))

    return factor


def one_cycle(low: float) -> Schedule:
    """Return a schedule that rises evenly from `low` to 1 for half of the steps, and falls back over the other half.

    L. N. Smith and N. Topin, "Super-Convergence: Very Fast Training of Residual Networks Using Large Learning Rates",
    2017, without the last steps below `low` and without a cycle of the momentum (our choice).
    """

    def factor(step: int, steps: int) -> float:
        return 1 - (1 - low) * abs(2 * step / max(1, steps - 1) - 1)

    return factor
