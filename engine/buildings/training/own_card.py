"""The card of a model that was trained on users' layers, and what is asked of the card of one to begin with."""

from collections.abc import Mapping
from typing import Optional

from ....contract.building_training_jobs import ARCHITECTURES, METHODS, TEACHER_TASK
from ....contract.errors import UserError
from ....models.buildings.segmenter import Segmenter
from ....models.card import Card, ImageEntry
from ....models.model_file import load_model
from ....models.networks import network_entries
from ...training.image_entries import optical_entry, probability_entry, sar_entry
from ...training.users_card import users_card
from ..methods import BUILT_UP, FOOTPRINT, NETWORK
from .setting import Setting

_SAME = 0.01
"""Pixels whose sizes differ by no more than this share are the same."""


def own_card(setting: Setting, network: Segmenter, numbers: Mapping[str, Optional[float]]) -> Card:
    """Return the card of a trained network; numbers: result of `train_buildings.run`."""
    job, layers, place = setting.job, setting.layers, setting.patches.place
    known = {name: value for name, value in numbers.items() if value is not None}
    arguments = {"bands": network.bands, **setting.curriculum.arguments}
    learnt = (layers.sar, layers.optical, layers.footprints)
    called, size = ARCHITECTURES[job.architecture], place.pixel_size
    what = METHODS[job.method].partition(":")[0] if layers.sar else "teacher for optical images"
    outputs = {FOOTPRINT if place.shows_buildings else BUILT_UP: probability_entry()}
    if setting.method.has_border:
        outputs["border"] = probability_entry()
    return users_card(
        job.name,
        task=NETWORK if layers.sar else TEACHER_TASK,
        summary=f"{called}, {what}, trained on layers of the user.",
        networks=network_entries({NETWORK: network}, {NETWORK: arguments}),
        inputs={"sar": _sar(setting)} if layers.sar else {"optical": optical_entry(len(layers.optical.bands))},
        outputs=outputs,
        tiling=setting.curriculum.tiling(layers.patch, network.stride),
        pixel_size_range=(size, size),
        training_sets=tuple(dict.fromkeys(layer.name for layer in learnt if layer)),
        validation={"split": "by place", **{name.lower(): value for name, value in known.items()}},
        operating_point={"threshold": known["THRESHOLD"]} if "THRESHOLD" in known else {},
        working_pixel=place.working_pixel,
    )


def _sar(setting: Setting) -> ImageEntry:
    layers = setting.layers
    bands = 1 if setting.method.is_turned else len(layers.sar.bands)
    return sar_entry(bands, setting.patches.place.radiometry.unit_out, layers.polarisations)


def network_to_begin_with(path: str, task: str, phase: str, setting: Setting) -> Segmenter:
    """Return the network of a model file that a training begins with, in place of what a phase would give.

    Raises `UserError` where it does not fit.
    """
    card, networks = load_model(path, task)
    network, curriculum = networks.get(NETWORK), setting.curriculum
    entry = card.networks.get(NETWORK, {"class": None, "arguments": {}})
    given = {name: value for name, value in entry["arguments"].items() if name != "bands"}
    if entry["class"] != curriculum.network.__name__ or given != curriculum.arguments:
        raise UserError(
            f"The model '{card.name}' to begin with is no {ARCHITECTURES[setting.job.architecture]}: choose the "
            f"architecture that it has ({card.summary.partition(',')[0]}), or another model."
        )
    bands = setting.bands(phase)
    if network.bands != bands:
        raise UserError(
            f"The model '{card.name}' to begin with takes {network.bands} bands, and {bands} are chosen: choose as "
            "many bands, or another model."
        )
    pixel = setting.patches.place.working_pixel
    if abs(card.working_pixel - pixel) > _SAME * pixel:
        raise UserError(
            f"The model '{card.name}' to begin with sees pixels of {card.working_pixel:.3g} m, and those of the layers "
            f"would be {pixel:.3g} m wide: choose another model, or resample the layers (Raster > Projections > Warp)."
        )
    return network
