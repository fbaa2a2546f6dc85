"""What benchmarks share that train BridgeMatch from nothing, several times, on a small budget."""

import argparse
from pathlib import Path

import torch

from ..engine.matching.training.bridge_match_lesson import plan_of, train_bridge_match
from ..engine.reporting import ConsoleReporter
from ..engine.training.pair import Pair, Sets
from ..models.matching.bridge_match import BridgeMatch


def training_parser(text: str, samples: int) -> argparse.ArgumentParser:
    """Return a parser that asks for the folders and the budget of trainings, by default so many samples each.

    text: the benchmark's docstring, whose first line says what it shows.
    """
    parser = argparse.ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints and what else is kept")
    parser.add_argument("--samples", type=int, default=samples, help="samples of each training")
    return parser


def trained(name: str, sets: Sets[Pair], arguments: argparse.Namespace, device: torch.device) -> BridgeMatch:
    """Return a BridgeMatch trained on `sets`, as the arguments of `training_parser` say; `name` its checkpoint's."""
    checkpoint = arguments.work / f"{name}.safetensors"
    return train_bridge_match(sets, plan_of(arguments.samples), checkpoint, device, ConsoleReporter())
