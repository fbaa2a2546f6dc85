"""What a training is made of, and what one that goes on must have in common with itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Optional

import torch

from ....contract.building_training_jobs import (
    ARCHITECTURES,
    FOOTPRINTS,
    HETEROGENEOUS,
    RECONSTRUCTION,
    TEACHER,
    BuildingLayers,
    TrainBuildingsJob,
)
from ....models.buildings.bridge_build import PLANES
from ....models.buildings.segmenter import Segmenter
from ...training.checkpoint import checksum
from ...training.lesson import Plan
from ...training.pace import Span, Wish, length_in_common, samples_a_step
from ...training.patches import MOST_CHECKED, MOST_SCORED, TRAINING, VALIDATION, spread
from ..methods import METHODS, Method
from .curricula import CURRICULA, Curriculum
from .layer_samples import LayerSamples
from .place_patches import Patches
from .samples import BuildingSample

_LENGTHS = {TEACHER: 1.0, RECONSTRUCTION: 0.5, HETEROGENEOUS: 1.0, FOOTPRINTS: 1.0}
_OF_FINE_TUNING = {"all": 0.5, "decoder": 0.1}
"""How long phases are beside learning footprints from nothing: of the published 300 epochs 150 and, for the decoder,
30; how long all of it is fine-tuned is not told, half as long is our choice."""


@dataclass(frozen=True)
class Setting:
    """A job with all that is decided before it begins to teach."""

    job: TrainBuildingsJob
    patches: Patches
    device: torch.device

    @property
    def layers(self) -> BuildingLayers:
        """The layers that are learnt from."""
        return self.job.layers

    @property
    def curriculum(self) -> Curriculum:
        """How the architecture is taught."""
        return CURRICULA[self.job.architecture]

    @property
    def method(self) -> Method:
        """How the network finds buildings."""
        return METHODS[self.curriculum.network.__name__]

    @property
    def batch(self) -> int:
        """Samples a step."""
        return samples_a_step(self.job.batch_size, self.curriculum.batch, self.device)

    @property
    def rate(self) -> float:
        """The learning rate that a schedule begins with."""
        return self.job.rate or self.curriculum.rate_of(self.batch)

    @property
    def plan(self) -> Plan:
        """The plan of every phase, but for its length."""
        curriculum = self.curriculum
        return Plan(1, self.batch, self.layers.seed, curriculum.schedule, curriculum.clip_norm, curriculum.average)

    def bands(self, phase: str) -> int:
        """Return how many planes the network of a phase sees."""
        if phase == TEACHER:
            return len(self.layers.optical.bands)
        return PLANES if self.method.is_turned else len(self.layers.sar.bands)

    def samples(self, phase: str) -> LayerSamples:
        """Return what a phase learns from."""
        windows = self.patches.of(phase, TRAINING)
        return LayerSamples(self.patches.reader, windows, phase, self.method, self.layers.seed)

    def validation(self, phase: str) -> list[BuildingSample]:
        """Return what the weights of a phase are chosen by."""
        samples = self.samples(phase)
        return [samples.whole(window) for window in spread(self.patches.of(phase, VALIDATION), MOST_SCORED)]

    def weight(self, phase: str) -> float:
        """Return how long a phase is beside learning footprints from nothing."""
        is_tuned = phase == FOOTPRINTS and (self.job.student or self.job.phases[0] != FOOTPRINTS)
        return _OF_FINE_TUNING[self.job.fine_tuning] if is_tuned else _LENGTHS[phase]

    def wish(self, phase: str) -> Wish:
        """Return how long a phase shall last."""
        job, weight = self.job, self.weight(phase)
        share = weight / sum(map(self.weight, job.phases))
        return Wish(weight * job.epochs, round(job.minutes * share, 3))

    def in_common(self, phase: str, span: Span, before: Optional[Segmenter]) -> Mapping[str, Any]:
        """Return what a phase that goes on must have in common with itself, by what sentences call it.

        before: the network that it begins with, or is taught by.
        """
        job, layers = self.job, self.layers
        windows = tuple(tuple(self.patches.of(phase, part)) for part in (TRAINING, VALIDATION))
        return {
            "architecture": ARCHITECTURES[job.architecture],
            "phase": phase,
            "layers to distil": job.distilled if phase == RECONSTRUCTION else None,
            "fine-tuning": job.fine_tuning if phase == FOOTPRINTS else None,
            **length_in_common(self.wish(phase), span),
            "batch": self.batch,
            "learning rate": self.rate,
            "seed": layers.seed,
            "SAR layer": layers.sar and layers.sar.name,
            "SAR bands": layers.sar and ", ".join(map(str, layers.sar.bands)),
            "polarisations": ", ".join(each or "not known" for each in layers.polarisations) or None,
            "SAR unit": self.patches.place.radiometry and self.patches.place.radiometry.unit,
            "look azimuth": layers.look_azimuth,
            "incidence": layers.incidence,
            "optical layer": layers.optical and layers.optical.name,
            "optical bands": layers.optical and ", ".join(map(str, layers.optical.bands)),
            "footprints": layers.footprints and layers.footprints.name,
            "area": layers.area and layers.area.name,
            "patch size": layers.patch,
            "training patches": len(windows[0]),
            "validation patches": len(windows[1]),
            "checksum of the patches' places": checksum([repr(windows).encode()]),
            "checksum of the patches' pixels": checksum(self._pixels(phase)),
            "checksum of the network before": before and checksum(_weights(before)),
        }

    def _pixels(self, phase: str) -> Iterable[bytes]:
        for window in spread(self.patches.of(phase, TRAINING), MOST_CHECKED):
            yield from (values.tobytes() for values in self.patches.reader.read(window).values.values())


def _weights(network: Segmenter) -> Iterable[bytes]:
    return (tensor.cpu().numpy().tobytes() for tensor in network.state_dict().values())
