"""The task `train_translator`: aligned layers in, a model file of the user's own out."""

import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Optional

import numpy as np
import torch
from torch import nn

from ...contract.errors import UserError
from ...contract.finished_file import finished_files
from ...contract.training_jobs import TRANSLATORS, TrainTranslatorJob
from ...models.card import Card
from ...models.model_file import save_model
from ...models.networks import network_entries
from ..compute.device import choose_device
from ..rasters.grid import Window
from ..reporting import Reporter
from ..training.lesson import Plan, Record
from ..training.loop import train
from ..training.patches import TRAINING, VALIDATION
from .methods import METHODS, NETWORK
from .quality import whole_quality
from .scene_translator import SceneTranslator
from .training.curricula import CURRICULA, Curriculum, Shapes
from .training.layer_samples import LayerSampler
from .training.learning_scene import (
    LearningScene,
    Patch,
    PatchImages,
    PatchReader,
    find_patches,
    learning_scene,
    spread,
)
from .trivial_answers import TrivialFit, local_statistics

_FOUND, _TAUGHT = 0.05, 0.97
"""How far a run is when patches are found, and when the training is over."""

_MOST_SCORED, _MOST_FITTED = 32, 64
"""Patches that weights are chosen by, and that the trivial answers are fitted to."""

_BATCH_ON_CPU = 4
"""Samples a step where nobody asks for more: published batches take minutes a step there, and much memory."""

_SCORES, _CHECKPOINTS, _REPORTS = 20, 20, 200
"""About how often, over the whole training."""

_MOST_LOST = 100
"""Steps between two checkpoints."""


@dataclass(frozen=True)
class Translated:
    """A validation patch: its window, what is there, and colours [C, h, w] that the model gives."""

    window: Window
    images: PatchImages
    colours: np.ndarray


@dataclass(frozen=True)
class Training:
    """What a training is made of: scene, patches, their greatest height, the job's method, device and figures."""

    job: TrainTranslatorJob
    scene: LearningScene
    patches: tuple[Patch, ...]
    highest: Optional[float]
    batch: int
    rate: float
    device: torch.device

    @property
    def curriculum(self) -> Curriculum:
        """The row of the method."""
        return CURRICULA[self.job.method]

    def windows(self, part: str) -> list[Window]:
        """Return the windows of a part."""
        return [patch.window for patch in self.patches if patch.part == part]


def run(job: TrainTranslatorJob, reporter: Reporter) -> dict[str, Any]:
    """Teach as a `TrainTranslatorJob` says and write its outputs; return {"numbers": the declared ones}.

    The checkpoint is kept whenever the training is cut off. Raises `UserError` for what the user can put right.
    """
    device = choose_device(job.device, reporter)
    outputs = [path for path in (job.output, job.report) if path]
    with finished_files(outputs) as paths:
        scene = learning_scene(job.layers, reporter)
        patches = find_patches(scene, reporter.part(0, _FOUND))
        with PatchReader(scene) as reader:
            training = _training(job, scene, patches, reader, device)
            record, arguments = _taught(training, reader, reporter.part(_FOUND, _TAUGHT))
            translated = _translated(training, record.networks[NETWORK], reader)
            numbers = {
                "STEPS": record.step,
                "TRAINING_PATCHES": len(training.windows(TRAINING)),
                "VALIDATION_PATCHES": len(training.windows(VALIDATION)),
                **_scores(training, translated, reader),
            }
        _tell(numbers, reporter)
        card = _card(training, record, arguments, numbers)
        save_model(paths[0], card, {NETWORK: record.networks[NETWORK]})
        if job.report:
            from .training.training_report import write_training_report  # matplotlib is slow to load

            write_training_report(paths[1], training, record, card, translated, numbers)
    Path(job.checkpoint).unlink(missing_ok=True)  # now that the model is there
    return {"numbers": numbers}


def _training(
    job: TrainTranslatorJob,
    scene: LearningScene,
    patches: list[Patch],
    reader: PatchReader,
    device: torch.device,
) -> Training:
    curriculum = CURRICULA[job.method]
    batch = curriculum.batch if device.type != "cpu" else min(curriculum.batch, _BATCH_ON_CPU)
    highest = None
    if scene.heights:
        highest = max(1.0, *(float(reader.read(patch.window)[0].heights.max()) for patch in patches))
    rate = job.rate or curriculum.rate
    return Training(job, scene, tuple(patches), highest, job.batch_size or batch, rate, device)


def _taught(training: Training, reader: PatchReader, reporter: Reporter) -> tuple[Record, dict[str, Any]]:
    """Return the record of the training and the arguments that the network was made with."""
    job, curriculum, layers = training.job, training.curriculum, training.job.layers
    one_by_one = METHODS[curriculum.network.__name__].one_by_one
    learnt, scored = training.windows(TRAINING), spread(training.windows(VALIDATION), _MOST_SCORED)
    sampler = LayerSampler(reader, learnt, one_by_one, training.highest)
    validation = [sample for window in scored for sample in sampler.whole(reader.read(window)[0])]
    arguments = curriculum.arguments(
        Shapes(len(layers.sar.bands), len(layers.optical.bands), layers.dem is not None, layers.patch)
    )
    with _repeatable(job.seed):
        network = curriculum.network(**arguments)
        lesson = curriculum.lesson(network, sampler, validation, rate=training.rate)
        lesson.settings = _settings(training)
        plan = Plan(
            job.steps,
            training.batch,
            job.seed,
            curriculum.schedule,
            curriculum.clip_norm,
            curriculum.average,
            checkpoint_every=max(1, min(_MOST_LOST, job.steps // _CHECKPOINTS)),
            score_every=max(1, job.steps // _SCORES),
            report_every=max(1, job.steps // _REPORTS),
        )
        samples = job.steps * training.batch
        reporter.info(
            f"{TRANSLATORS[job.method].partition(',')[0]} learns in {job.steps:,} steps of {training.batch} samples, "
            f"{samples / len(learnt):.3g} times over {len(learnt):,} patches. What is cut off goes on from the file "
            f"'{job.checkpoint}'."
        )
        try:
            return train(lesson, plan, Path(job.checkpoint), training.device, reporter), arguments
        except torch.OutOfMemoryError as error:
            raise UserError(
                f"The memory of the GPU is too small for {training.batch} patches of {layers.patch} pixels at once: "
                "choose a smaller batch, or smaller patches."
            ) from error


@contextmanager
def _repeatable(seed: int) -> Iterator[None]:
    """Have first weights follow from a seed, and leave others' random numbers as they are."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _settings(training: Training) -> Mapping[str, Any]:
    """Return what a training that goes on must have in common with itself, in words."""
    job, layers = training.job, training.job.layers
    return {
        "method": job.method,
        "steps": job.steps,
        "batch": training.batch,
        "learning rate": training.rate,
        "seed": job.seed,
        "SAR layer": layers.sar.name,
        "SAR bands": list(layers.sar.bands),
        "polarisations": list(layers.polarisations),
        "SAR unit": training.scene.radiometry.unit,
        "optical layer": layers.optical.name,
        "optical bands": list(layers.optical.bands),
        "elevation layer": layers.dem.name if layers.dem else None,
        "patch size": layers.patch,
        "training patches": len(training.windows(TRAINING)),
        "validation patches": len(training.windows(VALIDATION)),
        "checksum of their places": f"{zlib.crc32(repr(training.patches).encode()):08x}",
    }


def _translated(training: Training, network: nn.Module, reader: PatchReader) -> list[Translated]:
    """Return the scored validation patches as the task of translation gives them."""
    scene, method = training.scene, METHODS[training.curriculum.network.__name__]
    translator = SceneTranslator(
        network, method, scene.scales, scene.layers.polarisations, training.highest or 1.0
    ).eval()
    bands, translated = len(scene.layers.optical.bands), []
    for window in spread(training.windows(VALIDATION), _MOST_SCORED):
        images, _ = reader.read(window)
        shown = [torch.from_numpy(each)[None] for each in (images.sar, images.heights) if each is not None]
        with torch.inference_mode():
            translated.append(Translated(window, images, translator(*shown)[0, :bands].numpy()))
    return translated


def _scores(training: Training, translated: list[Translated], reader: PatchReader) -> dict[str, float]:
    """Return the scores over validation patches, and those of trivial answers fitted to training patches."""
    fit = TrivialFit(len(training.scene.layers.optical.bands))
    for window in spread(training.windows(TRAINING), _MOST_FITTED):
        images, _ = reader.read(window)
        fit.add(local_statistics(images.sar.mean(0)), images.optical)
    answers, qualities = fit.answers(), []
    for each in translated:
        truth, statistics = each.images.optical, local_statistics(each.images.sar.mean(0))
        given = (each.colours, answers.constant(*truth.shape[1:]), answers.regression(statistics))
        qualities.append([whole_quality(image, truth)["all"] for image in given])
    own, constant, regression = ([row[column] for row in qualities] for column in range(3))
    return {
        "MSE": _mean(own, "mse"),
        "SSIM": _mean(own, "ssim"),
        "MEAN_COLOUR_MSE": _mean(constant, "mse"),
        "MEAN_COLOUR_SSIM": _mean(constant, "ssim"),
        "REGRESSION_MSE": _mean(regression, "mse"),
        "REGRESSION_SSIM": _mean(regression, "ssim"),
    }


def _mean(qualities, name):
    return float(np.mean([getattr(quality, name) for quality in qualities]))


def _tell(numbers: Mapping[str, float], reporter: Reporter) -> None:
    reporter.info(
        f"On the validation area the mean squared error is {numbers['MSE']:.4g} and the structural similarity "
        f"{numbers['SSIM']:.3f}; those of the mean colour of the training area are "
        f"{numbers['MEAN_COLOUR_MSE']:.4g} and {numbers['MEAN_COLOUR_SSIM']:.3f}, of a regression "
        f"{numbers['REGRESSION_MSE']:.4g} and {numbers['REGRESSION_SSIM']:.3f}."
    )
    if numbers["MSE"] >= min(numbers["MEAN_COLOUR_MSE"], numbers["REGRESSION_MSE"]):
        reporter.warning(
            "The model is no better than a trivial answer yet: train it for longer, on more area, and check that the "
            "layers lie on each other."
        )


def _card(training: Training, record: Record, arguments: Mapping[str, Any], numbers: Mapping[str, float]) -> Card:
    job, layers, scene = training.job, training.job.layers, training.scene
    one_by_one = METHODS[training.curriculum.network.__name__].one_by_one
    known = list(layers.polarisations) if all(layers.polarisations) else []
    inputs = {
        "sar": {
            "bands": 1 if one_by_one else len(layers.sar.bands),
            "unit": scene.radiometry.unit_out,
            "range": None,
            "polarisations": known,
        }
    }
    if layers.dem:
        inputs["dem"] = {"bands": 1, "unit": "m", "range": None, "polarisations": []}
    bands = len(layers.optical.bands)
    optical = {"bands": bands, "unit": "reflectance rendering", "range": [0.0, 1.0], "polarisations": []}
    networks = {NETWORK: record.networks[NETWORK]}
    size = scene.grid.pixel_size
    return Card(
        name=job.name.strip(),
        task="translate",
        summary=f"{TRANSLATORS[job.method].partition(',')[0]}, trained on layers of the user.",
        networks=network_entries(networks, {NETWORK: dict(arguments)}),
        inputs=inputs,
        outputs={"optical": optical},
        tiling=training.curriculum.tiling(layers.patch),
        pixel_size_range=(size, size),
        training_sets=tuple(each.name for each in (layers.sar, layers.optical, layers.dem) if each),
        validation={"split": "by place", **{name.lower(): value for name, value in numbers.items()}},
        operating_point={},
        date=date.today().isoformat(),
        licence="that of the layers it was trained on",
    )
