"""The training loop: the only one. It knows devices, time and files; what is taught is a `Lesson`."""

import math
import time
from contextlib import closing, contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ...contract.errors import UserError
from ..compute.device import on_device, training_precision
from ..compute.read_ahead import read_ahead
from ..reporting import Reporter
from .checkpoint import load_checkpoint, optimiser_kind, optimiser_tensors, restore_optimiser, save_checkpoint
from .lesson import Lesson, Plan, Record

_YOUNG = 20  # steps after which an average remembers about as many, however long it may remember later


class NotANumberError(Exception):
    """The loss is infinite or not a number: no further step makes sense."""


def train(lesson: Lesson, plan: Plan, checkpoint: Path, device: torch.device, reporter: Reporter) -> Record:
    """Teach a lesson on a device as a plan says and return what became of it.

    It goes on from the file `checkpoint` where there is one, and writes it as it goes: whoever kills the process loses
    no more than the steps since. What is random in a step depends on the plan's seed and the step's number alone, so
    that a resumed run is the same run. Parts of a step whose gradients are not finite are left out; a loss that is not
    finite ends the training with the last checkpoint.

    Raises `UserError` when the checkpoint belongs to another lesson, and when the loss is not finite before there is a
    checkpoint, or one since the networks grew.
    """
    course = _Course(lesson, plan, device)
    if checkpoint.exists():
        course.resume(checkpoint)
        reporter.info(f"The training goes on after step {course.record.step}.")
    try:
        course.run(checkpoint, reporter)
    except NotANumberError as error:
        try:
            course.resume(checkpoint)
        except UserError:  # there is none yet, or it holds the networks before they grew
            raise UserError(
                f"{error}: lower the learning rate, or check the training data for wrong values."
            ) from error
        course.record.stopped = f"{error}; step {course.record.step} is the last one that was kept"
        reporter.warning(f"The training stopped early: {course.record.stopped}.")
    return course.finished()


class _Course:
    """A lesson on its way: averages and best weights by network, figures not yet shown, and the record so far."""

    def __init__(self, lesson: Lesson, plan: Plan, device: torch.device):
        self.lesson, self.plan, self.device = lesson, plan, device
        self.record = Record()
        self.averages: dict[str, dict] = {}
        self.best: dict[str, dict] = {}
        self.shown: list[dict] = []
        lesson.precision = partial(training_precision, device)

    def run(self, checkpoint: Path, reporter: Reporter) -> None:
        """Do all steps that are left."""
        plan, record = self.plan, self.record
        first, began = record.step, time.monotonic()
        with closing(read_ahead(self._draw, range(first, plan.steps))) as batches:
            for batch in batches:
                self.shown.append(self._step(on_device(batch, self.device)))
                record.step += 1
                reporter.progress(record.step / plan.steps)
                is_last = record.step == plan.steps
                if record.step % plan.report_every == 0 or is_last:
                    record.figures[record.step], self.shown = _means(self.shown), []
                    seconds = (time.monotonic() - began) / (record.step - first) * (plan.steps - record.step)
                    reporter.info(_line(record, plan, seconds))
                if plan.score_every and (record.step % plan.score_every == 0 or is_last):
                    self._score(reporter)
                if record.step % plan.checkpoint_every == 0 or is_last:
                    self._save(checkpoint)
        if record.skipped:
            reporter.info(f"{record.skipped} times a step was left out because its gradients were not finite.")

    def resume(self, checkpoint: Path) -> None:
        """Become what was saved."""
        parts, facts = load_checkpoint(checkpoint)
        try:
            taught, shown, figures = facts.pop("taught"), facts.pop("shown"), facts.pop("figures")
            self.shown = [{name: torch.tensor(value) for name, value in each.items()} for each in shown]
            self.record = Record(**facts, figures={int(step): values for step, values in figures.items()})
            self._begin(self.record.step - 1)  # the networks as they were when they were saved, if they grow with this
            if taught != self._taught():
                raise ValueError("other networks or optimisers")
            for prefix, network in self.lesson.networks.items():
                network.load_state_dict(parts[f"network {prefix}"])
            for number, optimiser in enumerate(self.lesson.optimisers):
                restore_optimiser(optimiser, parts[f"optimiser {number}"])
        except (RuntimeError, KeyError, TypeError, ValueError) as error:
            raise UserError(
                f"The checkpoint '{checkpoint}' belongs to another training: remove it to begin anew, or name another "
                "file."
            ) from error
        self.averages, self.best = (
            {
                prefix: {name: tensor.to(self.device) for name, tensor in parts[f"{kind} {prefix}"].items()}
                for prefix in self.lesson.networks
                if f"{kind} {prefix}" in parts
            }
            for kind in ("average", "best")
        )

    def finished(self) -> Record:
        """Return the record with the networks that the training gave."""
        with self._holding(self.best or self.averages):
            networks = {prefix: deepcopy(network) for prefix, network in self.lesson.networks.items()}
        self.record.networks = {name: network.cpu().eval().requires_grad_(False) for name, network in networks.items()}
        return self.record

    def _draw(self, step: int):
        generator = torch.Generator().manual_seed(_seed(self.plan.seed, step))
        return self.lesson.draw(self.lesson.batch_size(step, self.plan.batch), generator)

    def _step(self, batch) -> dict:
        lesson, plan, record = self.lesson, self.plan, self.record
        torch.manual_seed(_seed(plan.seed, record.step))  # for what is random in the networks, such as dropout
        self._begin(record.step)
        told = {}
        for optimiser, loss, figures in lesson.losses(batch):
            if not torch.isfinite(loss):
                raise NotANumberError(f"The loss of step {record.step + 1} is {loss.item():g}")
            parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
            factor = plan.schedule(record.step, plan.steps)
            for group in optimiser.param_groups:
                group["lr"] = factor * group.setdefault("initial_lr", group["lr"])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            # Reduced precision overflows now and then, in some networks and on some machines.
            if torch.isfinite(nn.utils.clip_grad_norm_(parameters, plan.clip_norm)):
                optimiser.step()
            else:
                record.skipped += 1
            told.update(figures)
        if plan.average is not None:
            self._average(min(plan.average, (record.step + 1) / (record.step + 1 + _YOUNG)))
        return {name: torch.as_tensor(value).detach().float() for name, value in told.items()}

    def _begin(self, step: int) -> None:
        """Have the lesson ready for a step: its networks, those that have just grown too, on the device.

        What was the best of a network before it grew is forgotten: it is another network's.
        """
        networks = self.lesson.networks
        for network in networks.values():
            network.train()
        self.lesson.begin(step)
        for network in networks.values():
            network.to(self.device, memory_format=torch.channels_last)
        if any(_shapes(tensors) != _shapes(networks[prefix].state_dict()) for prefix, tensors in self.best.items()):
            self.best, self.record.score = {}, None

    def _taught(self) -> list:
        """Return what a checkpoint must have in common with the lesson, as JSON has it."""
        return [sorted(self.lesson.networks), [optimiser_kind(each) for each in self.lesson.optimisers]]

    @torch.no_grad()
    def _average(self, decay: float) -> None:
        for prefix, network in self.lesson.networks.items():
            before, average = self.averages.get(prefix, {}), {}
            for name, tensor in network.state_dict().items():
                kept = before.get(name)
                if kept is None or kept.shape != tensor.shape or not tensor.is_floating_point():
                    average[name] = tensor.clone()
                else:
                    average[name] = kept.lerp_(tensor, 1 - decay)
            self.averages[prefix] = average

    def _score(self, reporter: Reporter) -> None:
        with self._holding(self.averages), torch.no_grad():
            for network in self.lesson.networks.values():
                network.eval()
            score = self.lesson.score()
            if score is not None:
                reporter.info(f"Step {self.record.step}: score {score:.4g} on the validation area (smaller is better).")
                if score < (math.inf if self.record.score is None else self.record.score):  # NaN is never better
                    self.record.score = float(score)
                    self.best = {name: _copy(network) for name, network in self.lesson.networks.items()}

    def _save(self, checkpoint: Path) -> None:
        networks = self.lesson.networks.items()
        if not all(tensor.isfinite().all() for _, network in networks for tensor in network.state_dict().values()):
            raise NotANumberError(f"Weights are not finite after step {self.record.step}")
        parts = {f"network {prefix}": network.state_dict() for prefix, network in networks}
        parts |= {f"average {prefix}": tensors for prefix, tensors in self.averages.items()}
        parts |= {f"best {prefix}": tensors for prefix, tensors in self.best.items()}
        parts |= {f"optimiser {n}": optimiser_tensors(each) for n, each in enumerate(self.lesson.optimisers)}
        record = self.record
        facts = {"step": record.step, "skipped": record.skipped, "score": record.score, "figures": record.figures}
        facts["taught"] = self._taught()
        facts["shown"] = [{name: value.item() for name, value in figures.items()} for figures in self.shown]
        save_checkpoint(checkpoint, parts, facts)

    @contextmanager
    def _holding(self, weights: dict[str, dict]):
        """Have the networks hold other weights for a while; empty: their own."""
        own = {prefix: _copy(self.lesson.networks[prefix]) for prefix in weights}
        for prefix, tensors in weights.items():
            self.lesson.networks[prefix].load_state_dict(tensors)
        try:
            yield
        finally:
            for prefix, tensors in own.items():
                self.lesson.networks[prefix].load_state_dict(tensors)


def _seed(seed: int, step: int) -> int:
    return int(np.random.SeedSequence((seed, step)).generate_state(1, np.uint64)[0])


def _copy(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _shapes(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in tensors.items()}


def _means(shown: list[dict]) -> dict[str, float]:
    """Return the mean of each figure over the steps that told it."""
    names = dict.fromkeys(name for figures in shown for name in figures)
    return {name: torch.stack([figures[name] for figures in shown if name in figures]).mean().item() for name in names}


def _line(record: Record, plan: Plan, seconds: float) -> str:
    figures = ", ".join(f"{name} {value:.4g}" for name, value in record.figures[record.step].items())
    left = f"; about {_duration(seconds)} left" if record.step < plan.steps else ""
    return f"Step {record.step} of {plan.steps}{figures and ': '}{figures}{left}."


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
