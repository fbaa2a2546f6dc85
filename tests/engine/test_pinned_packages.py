"""Installed packages against the pins."""

import re
import sys
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from sarbridge.contract.installation import CONSTRAINTS, REQUIREMENTS
from sarbridge.engine.pinned_packages import Difference, differences, pins

OF_ITS_BUILD = re.compile("nvidia-|cuda-|triton")
"""What a build of torch with CUDA asks for by itself."""


def canonical(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def brought_by(packages):
    """Return the names of all packages that these need, by the metadata of what is installed."""
    found, left = set(), list(packages)
    while left:
        name = left.pop()
        if name not in found:
            found.add(name)
            asked = [Requirement(line) for line in metadata.requires(name) or []]
            left += [canonical(each.name) for each in asked if not each.marker or each.marker.evaluate({"extra": ""})]
    return found


def test_markers_comments_and_builds(monkeypatch, tmp_path):
    file, other = tmp_path / "requirements.txt", tmp_path / "constraints.txt"
    file.write_text(
        "# about a==1\n\na==1.0  # why\nb==2 ; python_version < '3'\nb==3 ; python_version >= '3'\nnot-here==1\n"
    )
    other.write_text("c==1.10\nd==2.0.0\nbroken==1\nodd==1\n")
    asked = {"a": "1.0", "b": "3", "not-here": "1", "c": "1.10", "d": "2.0.0", "broken": "1", "odd": "1"}
    assert pins(file, other) == asked
    installed = {"a": "1.0+cpu", "b": "3.0", "c": "1.9", "d": "2.0.1rc1", "broken": None, "odd": "as of today"}

    def version(name):
        try:
            return installed[name]
        except KeyError:
            raise metadata.PackageNotFoundError(name) from None

    monkeypatch.setattr(metadata, "version", version)
    assert differences(file, other) == [Difference("c", "1.9", "1.10"), Difference("d", "2.0.1rc1", "2.0.0")]
    assert [each.is_older for each in differences(file, other)] == [True, False]


@pytest.mark.skipif(sys.prefix == sys.base_prefix, reason="the system's own Python has packages of its own")
def test_everything_that_the_requirements_bring_is_pinned():
    pinned = pins(REQUIREMENTS, CONSTRAINTS)
    brought = {name for name in brought_by(pins(REQUIREMENTS)) if not OF_ITS_BUILD.match(name)}
    assert len(brought) > len(pins(REQUIREMENTS))
    assert brought - set(pinned) == set()
    assert differences(REQUIREMENTS, CONSTRAINTS) == []
