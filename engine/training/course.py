"""A lesson on its way: one step after the other, and all that a training must remember from step to step."""

import math
from contextlib import contextmanager
from copy import deepcopy
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from ...contract.errors import UserError
from ..compute.device import on_device, training_precision
from ..reporting import Reporter
from .checkpoint import load_checkpoint, optimiser_kind, optimiser_tensors, restore_optimiser, save_checkpoint
from .lesson import Lesson, Plan, Record

_YOUNG = 20  # steps after which an average remembers about as many, however long it may remember later
_LONGEST_IN_VAIN = 50  # steps in a row that may leave out a part


class NotANumberError(Exception):
    """The loss or the gradients are infinite or no numbers: no further step makes sense."""

    def for_the_user(self) -> UserError:
        """Return the sentence for trainings that have nothing to keep."""
        return UserError(f"{self}: lower the learning rate, or check the training data for wrong values.")


class Course:
    """A lesson on its way: averages and best weights by network, figures not yet shown, and the record so far."""

    def __init__(self, lesson: Lesson, plan: Plan, device: torch.device):
        self.lesson, self.plan, self.device = lesson, plan, device
        self.record = Record()
        self.averages: dict[str, dict] = {}
        self.best: dict[str, dict] = {}
        self.shown: list[dict] = []
        self._in_vain = 0
        lesson.precision = partial(training_precision, device)

    def resume(self, checkpoint: Path) -> None:
        """Become what was saved."""
        parts, facts = load_checkpoint(checkpoint)
        try:
            settings = facts.pop("settings", {})  # neither these nor scores are in older files
            taught, shown = facts.pop("taught"), facts.pop("shown")
            figures, scores = (
                {int(step): values for step, values in facts.pop(name, {}).items()} for name in ("figures", "scores")
            )
            self._check_settings(checkpoint, settings)
            self.shown = [{name: torch.tensor(value) for name, value in each.items()} for each in shown]
            self.record = Record(**facts, figures=figures, scores=scores)
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

    def draw(self, step: int) -> Any:
        """Return the batch of a step, whatever was drawn before."""
        generator = torch.Generator().manual_seed(_seed(self.plan.seed, step))
        return self.lesson.draw(step, self.plan.batch, generator)

    def step(self, batch: Any) -> None:
        """Take one step with a batch on the CPU.

        Raises `NotANumberError` where a loss is not finite, and where gradients have not been for too long.
        """
        lesson, plan, record = self.lesson, self.plan, self.record
        batch = on_device(batch, self.device)
        torch.manual_seed(_seed(plan.seed, record.step))  # for what is random in the networks, such as dropout
        self._begin(record.step)
        told, skipped = {}, record.skipped
        for optimiser, loss, figures, is_scheduled in lesson.losses(batch):
            if not torch.isfinite(loss):
                raise NotANumberError(f"The loss of step {record.step + 1} is {loss.item():g}")
            parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
            factor = plan.schedule(record.step, plan.steps) if is_scheduled else 1.0
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
        self._in_vain = self._in_vain + 1 if record.skipped > skipped else 0
        if self._in_vain == _LONGEST_IN_VAIN:
            raise NotANumberError(f"The gradients of {_LONGEST_IN_VAIN} steps up to {record.step + 1} are not finite")
        if plan.average is not None:
            self._average(min(plan.average, (record.step + 1) / (record.step + 1 + _YOUNG)))
        self.shown.append({name: torch.as_tensor(value).detach().float() for name, value in told.items()})
        record.step += 1

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

    def _check_settings(self, checkpoint: Path, settings: dict) -> None:
        """Raise `UserError` where those of a checkpoint are not the lesson's."""
        own = self.lesson.settings
        others = [name for name in {**settings, **own} if settings.get(name) != own.get(name)]
        if others:
            both = ((name, *(_in_words(each.get(name)) for each in (settings, own))) for name in others)
            differences = ", ".join(f"{name}: {theirs} instead of {ours}" for name, theirs, ours in both)
            raise UserError(
                f"The checkpoint '{checkpoint}' belongs to a training with other settings ({differences}): choose these"
                " to go on with it, or remove that file to begin anew."
            )

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

    def score(self, reporter: Reporter) -> None:
        """Score the networks, and remember them if they are the best so far."""
        with self._holding(self.averages), torch.no_grad():
            for network in self.lesson.networks.values():
                network.eval()
            score = self.lesson.score()
            if score is not None:
                reporter.info(f"Step {self.record.step}: score {score:.4g} on the validation area (smaller is better).")
                self.record.scores[self.record.step] = float(score)
                if score < (math.inf if self.record.score is None else self.record.score):  # NaN is never better
                    self.record.score = float(score)
                    self.best = {name: _copy(network) for name, network in self.lesson.networks.items()}

    def save(self, checkpoint: Path) -> None:
        """Write the checkpoint; raises `NotANumberError` instead where weights are not finite."""
        networks = self.lesson.networks.items()
        if not all(tensor.isfinite().all() for _, network in networks for tensor in network.state_dict().values()):
            raise NotANumberError(f"Weights are not finite after step {self.record.step}")
        parts = {f"network {prefix}": network.state_dict() for prefix, network in networks}
        parts |= {f"average {prefix}": tensors for prefix, tensors in self.averages.items()}
        parts |= {f"best {prefix}": tensors for prefix, tensors in self.best.items()}
        parts |= {f"optimiser {n}": optimiser_tensors(each) for n, each in enumerate(self.lesson.optimisers)}
        record = self.record
        facts = {"step": record.step, "skipped": record.skipped, "score": record.score, "figures": record.figures}
        facts |= {"scores": record.scores, "settings": dict(self.lesson.settings)}
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


def _in_words(setting: Any) -> str:
    return "none" if setting is None else str(setting)


def _copy(network: nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}


def _shapes(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in tensors.items()}
