"""The card of a despeckler that was trained on users' layers."""

from collections.abc import Mapping
from datetime import date

from ....models.card import Card
from ....models.despeckling.levels import HIGHEST, LOWEST
from ....models.despeckling.merlin import Merlin
from ....models.networks import network_entries
from ..methods import NETWORK, tiling_of
from .teaching import Setting

_ANY_PIXEL = 0.01, 1000.0
"""Metres: images in radar geometry do not say how large their pixels are."""


def own_card(setting: Setting, numbers: Mapping[str, float]) -> Card:
    """Return the card of a trained network; numbers: the result of `train_despeckler.run`."""
    job, network = setting.job, Merlin(**setting.arguments)
    grids = [image.grid for image in setting.places.images]
    sizes = [grid.pixel_size for grid in grids] if all(grid.crs for grid in grids) else _ANY_PIXEL
    return Card(
        name=job.name.strip(),
        task=NETWORK,
        summary="MERLIN, trained on complex layers of the user.",
        networks=network_entries({NETWORK: network}, {NETWORK: dict(setting.arguments)}),
        inputs={"sar": {"bands": 1, "unit": "complex", "range": [LOWEST, HIGHEST], "polarisations": []}},
        outputs={"reflectivity": {"bands": 1, "unit": "dB", "range": [LOWEST, HIGHEST], "polarisations": []}},
        tiling=tiling_of(network.unet),
        pixel_size_range=(min(sizes), max(sizes)),
        training_sets=tuple(dict.fromkeys(each.name for each in job.layers)),
        validation={"split": "by place", **{name.lower(): value for name, value in numbers.items()}},
        operating_point={},
        date=date.today().isoformat(),
        licence="that of the layers it was trained on",
    )
