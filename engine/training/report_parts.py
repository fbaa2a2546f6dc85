"""What reports of trainings on users' layers share: the layers, how long and how fast was learnt, why no longer."""

from typing import Any, Protocol

import torch

from ...contract.report_page import notice, table
from .lesson import Record
from .patches import TRAINING, VALIDATION
from .places import Places


class Setting(Protocol):
    """What trainings have decided before they begin: `places` has the patches of `training`."""

    job: Any
    places: Any
    batch: int
    rate: float
    device: torch.device


def stopped_early(record: Record) -> list[str]:
    """Return the notice of why a training ended before its steps were done, none where they were."""
    return [notice(f"The training stopped early: {record.stopped}.")] if record.stopped else []


def layers_table(places: Places) -> str:
    """Return the table of the layers of each place and the number of their patches."""
    with_heights = any(scene.layers.dem for scene in places.scenes)
    header = ["SAR layer: bands", "Unit", "Optical layer: bands", *(["Heights"] if with_heights else []), "Area"]
    rows = []
    counts = (places.count(which) for which in (TRAINING, VALIDATION))
    for scene, learnt, kept in zip(places.scenes, *counts):
        layers = scene.layers
        sar, optical = (f"{each.name}: {', '.join(map(str, each.bands))}" for each in (layers.sar, layers.optical))
        others = [layers.dem, layers.area] if with_heights else [layers.area]
        names = (each.name if each else "–" for each in others)
        numbers = f"{scene.grid.pixel_size:.4g}", f"{learnt:,}", f"{kept:,}"
        rows.append([sar, scene.radiometry.unit_out, optical, *names, *numbers])
    first = len(header)
    return table([*header, "Pixel (m)", "Training", "Validation"], rows, numeric=range(first, first + 3))


def how_taught(setting: Setting, steps: int) -> dict[str, str]:
    """Return length, rate, seed and device of a training that was to have so many steps, as names and texts."""
    job = setting.job
    epochs = f"{steps * setting.batch / len(setting.places.training):.3g}"
    return {
        "Epochs": f"{epochs}, as many as fit into {job.minutes:g} min" if job.minutes else epochs,
        "Steps": f"{steps:,} of {setting.batch} samples",
        "Learning rate": f"{setting.rate:g}",
        "Seed": str(job.seed),
        "Device": str(setting.device),
    }
