"""What the report shows of a training of MERLIN-Seg."""

from pathlib import Path

from ....contract.building_training_jobs import BOTH_TASKS, METHODS
from ..training.training_report import Reported, step_settings, view_settings
from .teaching import Setting


def reported(setting: Setting) -> Reported:
    """Return what a page shows of a training on a complex layer."""
    patches, layers = setting.patches, setting.layers
    image = patches.image
    arguments = setting.arguments
    settings = {
        "Method": METHODS[setting.job.method],
        "Network": f"{arguments['levels']} levels, {arguments['width']} channels",
        "Begun with": Path(setting.job.student).name if setting.job.student else "nothing",
        "Labelled": f"{len(patches.labelled):,} of {len(patches.training):,} training patches",
        **view_settings(layers),
        **step_settings(setting, "epochs"),
    }
    counts = {BOTH_TASKS: (len(patches.training), len(patches.validation))}
    return Reported(layers, image.grid, counts, settings, findings=image.survey.findings(layers.sar.name))
