"""What errors of matches come to: the measures of the thesis.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §5.1.3.
"""

from typing import NamedTuple, Optional

import numpy as np
from numpy.typing import ArrayLike


class Scores(NamedTuple):
    """Errors of matches in pixels, summed up as in Hughes 2020, §5.1.3.

    Shares within 1 and 3 px in percent, mean error, and "mAP": the mean, over thresholds of 1 to 32 px, of the standard
    deviation of the errors below the threshold (a precision in pixels: smaller is better), None where all are larger.
    """

    within_1: float
    within_3: float
    mean: float
    map: Optional[float]
    count: int

    def on_card(self) -> dict[str, Optional[float]]:
        """Return the scores by name, to two decimals, as the cards of models that ship have them."""
        return {name: value if value is None else round(value, 2) for name, value in self._asdict().items()}


def scores_of(errors: ArrayLike) -> Scores:
    """Return the `Scores` of errors [N] in pixels."""
    errors = np.asarray(errors, float)
    spreads = [errors[errors <= threshold].std() for threshold in range(1, 33) if (errors <= threshold).any()]
    return Scores(
        100 * float((errors <= 1).mean()),
        100 * float((errors <= 3).mean()),
        float(errors.mean()),
        float(np.mean(spreads)) if spreads else None,
        len(errors),
    )
