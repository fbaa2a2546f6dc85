"""A training of MERLIN-Seg on a complex layer, and what comes of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Optional

import torch

from ....contract.building_training_jobs import TrainBuildingsJob
from ....models.model_file import save_model
from ...reporting import Reporter
from ...training.patches import spread
from ..methods import NETWORK
from ..training.run import FOUND, MOST_PLACES, TAUGHT
from ..training.validated import tell
from .labelled_patches import labelled_patches
from .own_card import own_card
from .teaching import setting_of, taught
from .validated import found_places, scores


def train_on_complex_layer(
    job: TrainBuildingsJob, device: torch.device, paths: Sequence[Path], reporter: Reporter
) -> dict[str, Optional[float]]:
    """Teach as a job says; write the model and, where it is wanted, the report to `paths`; return the numbers."""
    with labelled_patches(job.layers, reporter.part(0, FOUND)) as patches:
        setting = setting_of(job, patches, device)
        phase = taught(setting, reporter.part(FOUND, TAUGHT))
        found = scores(setting, phase.network)
        tell(found, reporter)
        numbers = {
            "STEPS": phase.record.step,
            "TRAINING_PATCHES": len(patches.training),
            "LABELLED_PATCHES": len(patches.labelled),
            "VALIDATION_PATCHES": len(patches.validation),
            **found,
        }
        card = own_card(setting, phase.network, numbers)
        save_model(paths[0], card, {NETWORK: phase.network})
        if job.report:
            from ..training.training_report import write_training_report  # matplotlib is slow to load
            from .described import reported

            places = found_places(spread(patches.validation, MOST_PLACES), phase.network)
            write_training_report(paths[1], reported(setting), [phase], card, places, numbers)
    return numbers
