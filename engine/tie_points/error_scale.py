"""How many times larger the errors of tie points are than predicted, as far as their scatter tells."""

import math
from typing import Optional

import numpy as np

from ...contract.tie_points import WITHIN_SIGMA
from .transforms import FEWEST_POINTS

_BELIEVED_AT_ONCE = 10
"""Points whose scatter counts as much as the prediction: from scene to scene, the scale varies by a third of itself;
that of so many points, whose templates overlap, by about as much."""


def error_scale(sigma: np.ndarray, residual: np.ndarray, kind: str) -> Optional[float]:
    """Return the factor by which predicted errors must be multiplied; None where the transform takes all points.

    sigma: predicted errors [n] of an axis, above 0; residual: distances [n] from the transform of `kind` that was
    fitted to the points, in the same unit. It is what the a posteriori variance of unit weight of an adjustment tells,
    but from the two quantiles that say what sigma means, which outliers hardly move. The fewer points, the closer to 1.
    What all points are off by in common no scatter tells.
    """
    count, spent = len(sigma), FEWEST_POINTS[kind]
    if count <= spent:
        return None
    multiples = residual / sigma
    logs = [
        math.log(max(float(np.quantile(multiples, share)), 1e-6) / multiple) for multiple, share in WITHIN_SIGMA.items()
    ]
    # The fit follows its points: residuals are smaller than errors.
    log = sum(logs) / len(logs) - math.log1p(-spent / count) / 2
    return math.exp(log * count / (count + _BELIEVED_AT_ONCE))
