"""The task `train_despeckler`: complex layers in, a model file of the user's own out; there are no labels."""

from typing import Any

from ...contract.checkpoints import CHECKPOINTS
from ...contract.despeckling_jobs import TrainDespecklerJob
from ...contract.finished_file import finished_files
from ...models.model_file import save_model
from ..compute.device import choose_device
from ..reporting import Reporter
from .methods import NETWORK
from .training.complex_places import complex_places
from .training.own_card import own_card
from .training.teaching import setting_of, taught
from .training.validated import scores, tell

_FOUND, _TAUGHT = 0.05, 0.97
"""How far a run is when patches are found, and when the training is over."""


def run(job: TrainDespecklerJob, reporter: Reporter) -> dict[str, Any]:
    """Teach as a `TrainDespecklerJob` says and write its outputs; return {"numbers": the declared ones, `CHECKPOINTS`}.

    Raises `UserError` for what the user can put right.
    """
    device = choose_device(job.device, reporter)
    outputs = [path for path in (job.output, job.report) if path]
    with finished_files(outputs) as paths, complex_places(job, reporter.part(0, _FOUND)) as places:
        setting = setting_of(job, places, device)
        record, steps = taught(setting, reporter.part(_FOUND, _TAUGHT))
        network = record.networks[NETWORK]
        numbers = {
            "STEPS": record.step,
            "TRAINING_PATCHES": len(places.training),
            "VALIDATION_PATCHES": len(places.validation),
            **scores(setting, network),
        }
        tell(numbers, reporter)
        card = own_card(setting, numbers)
        save_model(paths[0], card, {NETWORK: network})
        if job.report:
            from .training.training_report import write_training_report  # matplotlib is slow to load

            write_training_report(paths[1], setting, steps, record, card, network, numbers)
    return {"numbers": numbers, CHECKPOINTS: [job.checkpoint]}
