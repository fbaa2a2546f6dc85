"""Cards for tests: what a test says of a model matters, the rest is filled in."""

from ..models.card import Card


def card_with(**entries):
    """Return a `Card` of a matcher for SAR in dB and grey values, without networks; `entries` say what is otherwise."""
    images = {
        "sar": {"bands": 1, "unit": "dB", "range": [-30, 0], "polarisations": ["VV"]},
        "optical": {"bands": 1, "unit": "grey", "range": None, "polarisations": []},
    }
    plain = {"name": "Toy", "task": "match", "summary": "For tests.", "networks": {}, "inputs": images, "outputs": {}}
    plain |= {"tiling": {}, "pixel_size_range": (5, 20), "training_sets": (), "validation": {}, "operating_point": {}}
    return Card(**{**plain, "date": "2024-05-01", "licence": "GPL-2.0-or-later", **entries})
