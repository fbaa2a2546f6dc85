"""The task `train_buildings`: images and footprints in, a model file of the user's own out."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ...contract.building_training_jobs import MERLIN_SEG, PHASES, TrainBuildingsJob
from ...contract.checkpoints import CHECKPOINTS
from ...contract.finished_file import finished_files
from ..compute.device import choose_device
from ..reporting import Reporter
from .complex_training.run import train_on_complex_layer
from .training.phases import checkpoint_of
from .training.run import train_on_backscatter


def run(job: TrainBuildingsJob, reporter: Reporter) -> dict[str, Any]:
    """Teach as a `TrainBuildingsJob` says and write its outputs; return {"numbers": the declared ones, `CHECKPOINTS`}.

    Raises `UserError` for what the user can put right.
    """
    device = choose_device(job.device, reporter)
    train = train_on_complex_layer if job.method == MERLIN_SEG else train_on_backscatter
    outputs = [path for path in (job.output, job.report) if path]
    with _gone_when_empty(Path(job.checkpoint)), finished_files(outputs) as paths:
        numbers = train(job, device, paths, reporter)
    return {"numbers": numbers, CHECKPOINTS: [str(checkpoint_of(job, phase)) for phase in PHASES]}


@contextmanager
def _gone_when_empty(folder: Path) -> Iterator[None]:
    """Leave no folder in which nothing was kept."""
    try:
        yield
    finally:
        with suppress(OSError):  # it is not there, or something is in it
            folder.rmdir()
