"""What a method of matching must offer, and what follows from it."""

import pytest
from sarbridge.engine.matching.matcher import Matcher


class Near(Matcher):
    template_side, smallest_reach = 96, 20

    def describe(self, sar, optical):
        return sar, optical

    def heat(self, templates, searches):
        return searches

    def score(self, height):
        return height


def test_search_windows_reach_as_far_as_offsets_and_the_method_ask_for():
    near = Near()
    assert (near.reach(8), near.reach(32)) == (20, 32)
    assert (near.search_side(8), near.search_side(32)) == (96 + 40, 96 + 64)


@pytest.mark.parametrize("missing", ["describe", "heat", "score"])
def test_nothing_is_inherited_that_a_method_must_decide(missing):
    parts = {name: vars(Near)[name] for name in ("describe", "heat", "score") if name != missing}
    with pytest.raises(TypeError, match=missing):
        type("Half", (Matcher,), parts)()
