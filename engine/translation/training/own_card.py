"""The card of a model that was trained on users' layers."""

from collections.abc import Mapping

from torch import nn

from ....models.card import Card
from ....models.networks import network_entries
from ...training.image_entries import optical_entry, sar_entry
from ...training.users_card import users_card
from ..methods import NETWORK
from .setting import Setting


def own_card(setting: Setting, network: nn.Module, numbers: Mapping[str, float]) -> Card:
    """Return the card of a trained network; numbers: the result of `train_translator.run`."""
    job, layers = setting.job, setting.layers
    bands = 1 if setting.method.one_by_one else len(layers.sar.bands)
    inputs = {"sar": sar_entry(bands, setting.units, layers.polarisations)}
    if layers.dem:
        inputs["dem"] = {"bands": 1, "unit": "m", "range": None, "polarisations": []}
    sizes = [scene.grid.pixel_size for scene in setting.places.scenes]
    learnt = (layer for place in job.layers for layer in (place.sar, place.optical, place.dem) if layer)
    return users_card(
        job.name,
        task="translate",
        summary=f"{job.called}, trained on layers of the user.",
        networks=network_entries({NETWORK: network}, {NETWORK: setting.arguments()}),
        inputs=inputs,
        outputs={"optical": optical_entry(len(layers.optical.bands))},
        tiling=setting.curriculum.tiling(layers.patch),
        pixel_size_range=(min(sizes), max(sizes)),
        training_sets=tuple(dict.fromkeys(layer.name for layer in learnt)),
        validation={"split": "by place", **{name.lower(): value for name, value in numbers.items()}},
        operating_point={},
    )
