"""Along which line of sight a layer is shown to a network: the one that is given, or one that the image tells."""

from dataclasses import dataclass
from typing import Callable, NamedTuple, Optional

import torch

from ...contract.buildings_jobs import ExtractBuildingsJob
from ...contract.errors import UserError
from ...models.card import Card
from ..inference.sar_scene import SarScene
from ..rasters.grid import Grid, Window
from ..reporting import Reporter
from .building_network import QUARTER_TURNS, BuildingNetwork
from .estimated_look import estimated_look
from .methods import Method

LOOK_CONFIDENCE = "look_confidence"
"""Entry of a card's operating point: confidence from which a look that the image tells is believed. Of models
without it nobody has measured one."""


@dataclass(frozen=True)
class LineOfSight:
    """A look azimuth, degrees from true north from the sensor to the ground, None: not known; and where it is from."""

    azimuth: Optional[float]
    source: str = "not given"


class Seen(NamedTuple):
    """What a network, which `shown(look_known=…)` makes, is shown of a scene on its grid, and the device it runs on.

    asked: the part of the grid that is asked for.
    """

    shown: Callable[..., BuildingNetwork]
    scene: SarScene
    whole: Grid
    asked: Window
    device: torch.device


def as_it_lies(job: ExtractBuildingsJob, card: Card) -> LineOfSight:
    """Return that of a layer that is not turned; raises `UserError` for one that would not be used."""
    if job.look_azimuth is not None or job.incidence is not None:
        raise UserError(
            f"The model '{card.name}' sees images as they lie, so that the direction of the look and the incidence "
            "angle would not be used: leave them empty, or choose another model."
        )
    return LineOfSight(None)


def line_of_sight(job: ExtractBuildingsJob, card: Card, method: Method, seen: Seen, reporter: Reporter) -> LineOfSight:
    """Return along which line of sight a layer is seen, and tell what follows from not knowing it.

    Raises `UserError` for one that would not be used.
    """
    if not method.is_turned:
        return as_it_lies(job, card)
    if job.look_azimuth is not None:
        return LineOfSight(job.look_azimuth, "as given")
    name = job.sar.name
    if LOOK_CONFIDENCE in card.operating_point:
        network = seen.shown(look_known=True)
        told = estimated_look(network, seen.scene, seen.whole, seen.asked, card.working_pixel, seen.device, reporter)
        if told.confidence >= card.operating_point[LOOK_CONFIDENCE]:
            reporter.info(
                f"Nothing tells where the radar looks, but buildings of layer '{name}' are clearest for a look azimuth "
                f"of about {told.azimuth:.0f}°, which is used: give the look azimuth or the flight direction if you "
                "know better."
            )
            return LineOfSight(told.azimuth, "estimated from the image, a few degrees astray")
    reporter.info(
        f"Nothing tells where the radar looks, so that layer '{name}' is turned to {QUARTER_TURNS} sides and what is "
        f"found is averaged: it takes {QUARTER_TURNS} times as long as with a look azimuth or a flight direction, and "
        "fewer buildings are found."
    )
    return LineOfSight(None, "not known: mean of four sides")
