"""What the cards of models that were trained on users' layers say of images, seen and given."""

from collections.abc import Sequence

from ...models.card import ImageEntry


def sar_entry(bands: int, unit: str, polarisations: Sequence[str]) -> ImageEntry:
    """Return the entry of SAR images of any range; polarisations: those of the layer, named where all are known."""
    named = list(polarisations) if all(polarisations) else []
    return {"bands": bands, "unit": unit, "range": None, "polarisations": named}


def optical_entry(bands: int) -> ImageEntry:
    """Return the entry of optical images as `optical_stretch` has them."""
    return {"bands": bands, "unit": "reflectance rendering", "range": [0.0, 1.0], "polarisations": []}


def probability_entry() -> ImageEntry:
    """Return the entry of probabilities."""
    return {"bands": 1, "unit": "probability", "range": [0.0, 1.0], "polarisations": []}
