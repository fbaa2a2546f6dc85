"""The card of a matcher that was trained on users' layers."""

from torch import nn

from ....contract.matching_training_jobs import CHOOSES_NEGATIVES, LEARNS_WITHOUT_LABELS
from ....models.card import Card
from ....models.networks import network_entries
from ...training.image_entries import sar_entry
from ...training.users_card import users_card
from .matching_lesson import NETWORK
from .setting import Setting


def own_card(setting: Setting, network: nn.Module) -> Card:
    """Return the card of a trained network, but for what its validation says."""
    job, layers = setting.job, setting.job.layers
    sizes = [scene.grid.pixel_size for scene in setting.places.scenes]
    polarisations = list(dict.fromkeys(each for place in layers for each in place.polarisations))
    sar = {**sar_entry(1, setting.unit, polarisations), "range": list(setting.pixels.value_range)}
    optical = {"bands": 1, "unit": "grey, mean of the chosen bands", "range": [0.0, 1.0], "polarisations": []}
    negatives = f" with {job.negatives} negatives" if job.method == CHOOSES_NEGATIVES else ""
    labels = f", {job.labelled_percent} of the training ground labelled" if job.method == LEARNS_WITHOUT_LABELS else ""
    start = f", from the model '{setting.start.card.name}' on" if setting.start else ""
    return users_card(
        job.name,
        task="match",
        summary=f"{job.called}, trained on layers of the user{negatives}{labels}{start}.",
        networks=network_entries({NETWORK: network}, {NETWORK: setting.arguments}),
        inputs={"sar": sar, "optical": optical},
        outputs={},
        tiling={},
        pixel_size_range=(min(sizes), max(sizes)),
        training_sets=tuple(dict.fromkeys(layer.name for place in layers for layer in (place.sar, place.optical))),
        validation={},
        operating_point={},
    )
