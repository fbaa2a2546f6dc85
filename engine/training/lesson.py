"""What a task teaches, and how long: the lesson has no loop in it, the loop (`loop.py`) knows no task."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Callable, NamedTuple, Optional

import torch
from torch import nn

from .schedules import Schedule, constant


class Part(NamedTuple):
    """A part of a step: the `optimiser` that takes a step down the `loss` (scalar), and figures for the log by name.

    Figures are numbers or scalar tensors; tensors stay on the device until they are shown. is_scheduled: the rate
    follows the plan's schedule, as that of critics may not.
    """

    optimiser: torch.optim.Optimizer
    loss: torch.Tensor
    figures: dict
    is_scheduled: bool = True


class Lesson:
    """What is taught. A subclass sets `networks` and `optimisers` and defines `draw` and `losses`.

    networks: by their prefix on the card; they are moved to the device, checkpointed, and averaged if the plan says so.
    A teacher that does not learn is none of them; a module of buffers is, so that a resumed training finds them.
    optimisers: all that `losses` names.
    """

    networks: dict[str, nn.Module]
    optimisers: tuple[torch.optim.Optimizer, ...]

    settings: Mapping[str, Any] = MappingProxyType({})
    """What else a training must have in common with one that goes on, by what sentences call it; JSON-able."""

    precision: Callable[[], AbstractContextManager] = nullcontext
    """Set by the loop: the context in which networks run, `with self.precision():`, as fast as the device allows.

    Losses stay outside of it, in float32."""

    def draw(self, step: int, count: int, generator: torch.Generator) -> Any:
        """Return the batch of a step, which counts from 0: CPU tensors, alone or in (named) tuples, dataclasses, dicts.

        count: the plan's samples a step; batches may grow on the way. All that is random comes from the generator, and
        what was drawn before has no influence. It runs in another thread than everything else, one step ahead.
        """
        raise NotImplementedError

    def begin(self, step: int) -> None:
        """Bring the lesson from any earlier step to this one; called before each, and before a checkpoint is loaded.

        Here networks grow (with their parameters added to the optimiser), are frozen, or change roles. Nothing by
        default.
        """

    def losses(self, batch: Any) -> Iterator[Part]:
        """Yield the parts of a step, given a batch on the device.

        Each part's optimiser has taken its step before the next is asked for: so a GAN yields twice, a critic's weights
        are clipped after its `yield`, and what need not happen at this step is not yielded.
        """
        raise NotImplementedError

    def score(self) -> Optional[float]:
        """Return how good the networks are on the validation area, smaller is better; None: there is none.

        They are in eval mode and hold the averaged weights if there are any.
        """
        return None


@dataclass(frozen=True)
class Plan:
    """How long a lesson lasts and what else does not depend on what is taught.

    steps: in all. batch: samples a step. seed: with the number of a step it decides all that is random in it.
    schedule: factor of the learning rates over the steps. clip_norm: largest norm of the gradients of one optimiser.
    average: largest decay of an exponential average of the weights; None for none. Every so many steps a checkpoint is
    written (`checkpoint_every`), the lesson scored (`score_every`, 0 never) and figures shown (`report_every`).
    """

    steps: int
    batch: int
    seed: int = 1
    schedule: Schedule = constant
    clip_norm: float = float("inf")
    average: Optional[float] = None
    checkpoint_every: int = 250
    score_every: int = 0
    report_every: int = 50


@dataclass
class Record:
    """What became of a training.

    networks: what the lesson gave, by prefix: the best where it was scored since they grew, else averaged or last; in
    eval mode, on the CPU. step: how many steps were done, by earlier runs too. skipped: how many parts were left out
    because their gradients were not finite. score: of the best networks. figures: means over `report_every` steps, by
    their last step. scores: all there were, by step. stopped: why the training ended early, empty when it did not.
    """

    networks: dict[str, nn.Module] = field(default_factory=dict)
    step: int = 0
    skipped: int = 0
    score: Optional[float] = None
    figures: dict[int, dict[str, float]] = field(default_factory=dict)
    scores: dict[int, float] = field(default_factory=dict)
    stopped: str = ""
