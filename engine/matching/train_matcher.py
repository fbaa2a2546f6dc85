"""The task `train_matcher`: aligned layers in, a model file of the user's own out."""

from dataclasses import replace
from functools import partial
from typing import Any

from ...contract.checkpoints import CHECKPOINTS
from ...contract.finished_file import finished_files
from ...contract.matching_training_jobs import GENERATED, LARGEST_REALIGNMENT, TrainMatcherJob
from ...models.model_file import save_model
from ..compute.device import choose_device
from ..reporting import Reporter
from ..training.patches import TRAINING, VALIDATION
from ..training.places import learning_places
from .training.alignment import aligned
from .training.layer_pairs import PatchPixels, value_range
from .training.matching_lesson import NETWORK
from .training.matching_scene import matching_scene
from .training.own_card import own_card
from .training.setting import Setting, start_of
from .training.teaching import taught
from .training.validated import numbers_of, on_card, tell, validated

_FOUND, _ALIGNED, _TAUGHT = 0.03, 0.08, 0.95
"""How far a run is when patches are found, when they are measured, and when the training is over."""


def run(job: TrainMatcherJob, reporter: Reporter) -> dict[str, Any]:
    """Teach as a `TrainMatcherJob` says and write its outputs; return {"numbers": the declared ones, `CHECKPOINTS`}.

    Numbers that there are not are None. Raises `UserError` for what the user can put right.
    """
    device = choose_device(job.device, reporter)
    start = start_of(job)
    scene_of = partial(matching_scene, rim=LARGEST_REALIGNMENT + 2 if job.realign else 0)
    outputs = [path for path in (job.output, job.report) if path]
    with (
        finished_files(outputs) as paths,
        learning_places(job.layers, scene_of, reporter.part(0, _FOUND)) as places,
    ):
        values = value_range(places)
        alignment = aligned(places, values, job.realign, device, reporter.part(_FOUND, _ALIGNED))
        places, pixels = alignment.places, PatchPixels(values, alignment.shifts)
        setting = Setting(job, places, pixels, alignment.offset, start, device)
        _tell_what_is_left(setting, reporter)
        record, steps = taught(setting, reporter.part(_ALIGNED, _TAUGHT))
        network = record.networks[NETWORK]
        card = own_card(setting, network)
        found = validated(setting, network, card)
        numbers = {
            "STEPS": record.step,
            "TRAINING_PATCHES": sum(places.count(TRAINING)),
            "VALIDATION_PATCHES": sum(places.count(VALIDATION)),
            "OFFSET": alignment.offset,
            **numbers_of(found),
        }
        tell(numbers, reporter)
        card = replace(card, validation=on_card(found))
        save_model(paths[0], card, {NETWORK: network.cpu()})
        if job.report:
            from .training.training_report import write_training_report  # matplotlib is slow to load

            write_training_report(paths[1], setting, steps, record, card, found, numbers)
    used = [job.checkpoint] + ([job.vae_gan_checkpoint] if job.negatives == GENERATED else [])
    return {"numbers": numbers, CHECKPOINTS: used}


def _tell_what_is_left(setting: Setting, reporter: Reporter) -> None:
    if setting.start and setting.start.others:
        reporter.info(
            f"The networks {', '.join(setting.start.others)} of the model '{setting.start.card.name}' judge its own "
            "matches, and those of the new model are others: they are left out of its file."
        )
