"""Building footprints as they are found, and as they should not be."""

from sarbridge.tests.corpus.case import Case, visibility

CASES = [
    Case(
        "a folder that is no layer",
        lambda at: visibility(at, FOOTPRINTS=str(at)),
        refused="FOOTPRINTS",
    ),
]
