"""Means with intervals that say what other places might have given."""

from collections.abc import Sequence

import numpy as np

_DRAWS = 2000


def interval(groups: Sequence[np.ndarray], factor: float = 1.0) -> str:
    """Return "mean (low–high)" of all values times `factor`, with the 95 % interval of a bootstrap over the groups.

    groups: values that belong together, such as those of a tile; "–" without any value.
    """
    counts, sums = (np.array([part(group) for group in groups], float) for part in (len, np.sum))
    if not counts.sum():
        return "–"
    drawn = np.random.default_rng(0).integers(0, len(groups), (_DRAWS, len(groups)))
    totals = counts[drawn].sum(1)
    means = factor * sums[drawn].sum(1)[totals > 0] / totals[totals > 0]
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{factor * sums.sum() / counts.sum():.1f} ({low:.1f}–{high:.1f})"
