"""Small lessons with all that real ones need; run as a script, a training that somebody may kill.

python toy_lessons.py LESSON CHECKPOINT STEPS
"""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

if not __package__:  # run as a script
    sys.path.append(str(Path(__file__).resolve().parents[3] / "engine"))
    from package import load_package

    load_package()

import torch
from sarbridge.engine.reporting import ConsoleReporter, NullReporter
from sarbridge.engine.training.lesson import Lesson, Part, Plan
from sarbridge.engine.training.loop import train
from sarbridge.engine.training.schedules import cosine
from torch import nn

CPU = torch.device("cpu")


class Regression(Lesson):
    """A network with dropout and batch norm learns a linear function; scored on fixed samples."""

    def __init__(self):
        torch.manual_seed(7)
        network = nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))
        self.networks = {"net": network}
        self.optimisers = (torch.optim.AdamW(network.parameters(), lr=0.02),)
        self.drawn = []

    def draw(self, step, count, generator):
        x = torch.randn(count, 3, generator=generator)
        self.drawn.append(x)
        return x, x @ torch.tensor([[1.0], [-2.0], [0.5]])

    def losses(self, batch) -> Iterator[Part]:
        x, y = batch
        with self.precision():
            predicted = self.networks["net"](x)
        loss = (predicted.float() - y).square().mean()
        yield Part(self.optimisers[0], loss, {"loss": loss})

    def score(self):
        x, y = self.draw(0, 64, torch.Generator().manual_seed(99))
        return (self.networks["net"](x) - y).square().mean().item()


class Adversaries(Lesson):
    """A critic takes five steps, its weights clipped after each, to one of generator and one of encoder."""

    CLIP = 0.05

    def __init__(self):
        torch.manual_seed(8)
        self.networks = {"critic": nn.Linear(2, 1), "generator": nn.Linear(2, 2), "encoder": nn.Linear(2, 2)}
        rates = {"critic": 0.05, "generator": 0.01, "encoder": 0.01}
        self.optimisers = tuple(
            torch.optim.RMSprop(network.parameters(), lr=rates[name]) for name, network in self.networks.items()
        )
        self._step = 0
        self.order = []

    def begin(self, step):
        self._step = step

    def draw(self, step, count, generator):
        return torch.randn(count, 2, generator=generator) + 1

    def losses(self, batch) -> Iterator[Part]:
        critic, generator, encoder = self.networks.values()
        of_critic, of_generator, of_encoder = self.optimisers
        self.order.append("critic")
        fake = generator(torch.tanh(batch)).detach()
        yield Part(of_critic, critic(fake).mean() - critic(batch).mean(), {"critic": critic.weight.abs().max()})
        with torch.no_grad():
            for weight in critic.parameters():
                weight.clamp_(-self.CLIP, self.CLIP)
        if self._step % 5 == 4:
            self.order.append("generator")
            yield Part(of_generator, -critic(generator(torch.tanh(batch))).mean(), {})
            self.order.append("encoder")
            yield Part(of_encoder, (encoder(generator(batch)) - batch).square().mean(), {})


class Growing(Regression):
    """After ten steps the network gets another layer, and batches become twice as large."""

    GROWS_AT = 10

    def begin(self, step):
        network = self.networks["net"]
        if step >= self.GROWS_AT and not hasattr(network, "grown"):
            torch.manual_seed(5)
            network.add_module("grown", nn.Linear(1, 1))
            self.optimisers[0].add_param_group({"params": network.grown.parameters(), "lr": 0.005})

    def draw(self, step, count, generator):
        return super().draw(step, 2 * count if step >= self.GROWS_AT else count, generator)


class SlowRegression(Regression):
    """Leaves time to be killed."""

    def losses(self, batch):
        time.sleep(0.03)
        yield from super().losses(batch)


LESSONS = {each.__name__: each for each in (Regression, Adversaries, Growing, SlowRegression)}


def plan(steps, **changes):
    settings = {"schedule": cosine(warm_up=3), "clip_norm": 1.0, "average": 0.9, "checkpoint_every": 4}
    return Plan(steps, batch=8, seed=3, **{**settings, "score_every": 6, "report_every": 5, **changes})


def taught(lesson, checkpoint, steps, reporter=None, **changes):
    """Return the record of a lesson taught on one thread."""
    torch.set_num_threads(1)
    return train(lesson, plan(steps, **changes), Path(checkpoint), CPU, reporter or NullReporter())


if __name__ == "__main__":
    taught(LESSONS[sys.argv[1]](), sys.argv[2], int(sys.argv[3]), ConsoleReporter())
