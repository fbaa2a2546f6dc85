"""What a candidate of `sarbridge:matchtiepoints` must pass: thresholds that may be left to the model's card."""

from ..algorithm import SarbridgeAlgorithm
from ..parameters.number import add_number

THRESHOLDS = GOODNESS_THRESHOLD, ORN_THRESHOLD, MAX_SIGMA = "GOODNESS_THRESHOLD", "ORN_THRESHOLD", "MAX_SIGMA"


def add_thresholds(algorithm: SarbridgeAlgorithm) -> None:
    """Add the thresholds of an algorithm, each of which may be left empty."""
    card = "Empty: the operating point on the model's card"
    add_number(
        algorithm,
        GOODNESS_THRESHOLD,
        "Goodness threshold",
        f"Candidates below it are rejected. Used only with candidates by goodness. {card}.",
        bounds=(0, 1),
    )
    add_number(
        algorithm,
        ORN_THRESHOLD,
        "Score threshold",
        "Matches are rejected when the outlier reduction network (ORN) gives them a lower probability, or the method"
        " itself where the model has no ORN. Used only with methods that need a model."
        f" {card}, and no test where the model predicts errors.",
        bounds=(0, 1),
    )
    add_number(
        algorithm,
        MAX_SIGMA,
        "Largest predicted error (working pixels)",
        "Matches are rejected when the model predicts a larger error of them (sigma_px). Used only with models that"
        f" predict errors. {card}.",
        bounds=(0, None),
        advanced=True,
    )
