"""The task `train_translator`: aligned layers in, a model file of the user's own out."""

from typing import Any

from ...contract.checkpoints import CHECKPOINTS
from ...contract.finished_file import finished_files
from ...contract.training_jobs import TrainTranslatorJob
from ...models.model_file import save_model
from ..compute.device import choose_device
from ..reporting import Reporter
from ..training.patches import TRAINING, VALIDATION
from ..training.places import learning_places
from .methods import NETWORK
from .training.learning_scene import learning_scene
from .training.own_card import own_card
from .training.setting import Setting
from .training.teaching import taught
from .training.validated import scores, tell, translated_places

_FOUND, _TAUGHT = 0.05, 0.97
"""How far a run is when patches are found, and when the training is over."""


def run(job: TrainTranslatorJob, reporter: Reporter) -> dict[str, Any]:
    """Teach as a `TrainTranslatorJob` says and write its outputs; return {"numbers": the declared ones, `CHECKPOINTS`}.

    Raises `UserError` for what the user can put right.
    """
    device = choose_device(job.device, reporter)
    outputs = [path for path in (job.output, job.report) if path]
    with finished_files(outputs) as paths:
        with learning_places(job.layers, learning_scene, reporter.part(0, _FOUND)) as places:
            setting = Setting(job, places, device)
            record, steps = taught(setting, reporter.part(_FOUND, _TAUGHT))
            network = record.networks[NETWORK]
            translated = translated_places(setting, network)
            numbers = {
                "STEPS": record.step,
                "TRAINING_PATCHES": sum(places.count(TRAINING)),
                "VALIDATION_PATCHES": sum(places.count(VALIDATION)),
                **scores(setting, translated),
            }
        tell(numbers, reporter)
        card = own_card(setting, network, numbers)
        save_model(paths[0], card, {NETWORK: network})
        if job.report:
            from .training.training_report import write_training_report  # matplotlib is slow to load

            write_training_report(paths[1], setting, steps, record, card, translated, numbers)
    return {"numbers": numbers, CHECKPOINTS: [job.checkpoint]}
