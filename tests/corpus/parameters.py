"""Values of parameters that make no sense."""

from sarbridge.tests.corpus.case import Case, check, distortions, simulation

CASES = [
    Case("a heading in words", lambda at: distortions(at, HEADING="east"), refused=r"\(HEADING\) must be a number"),
    Case("a device from the future", lambda at: check(at, DEVICE="cuda:99"), refused="device"),
    Case("a scene without pixels", lambda at: simulation(at, SIZE=0), refused=r"\(SIZE\) must be a whole number of"),
]
