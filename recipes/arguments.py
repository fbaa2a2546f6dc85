"""What every recipe asks on its command line."""

from argparse import ArgumentParser
from pathlib import Path


def recipe_parser(text: str, output: str) -> ArgumentParser:
    """Return a parser that asks for the folders of a recipe, what it writes, and the device.

    text: the recipe's docstring, whose first line says what it makes; output: the help of `--output`, a path.
    """
    parser = ArgumentParser(description=text.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--work", type=Path, required=True, help="folder for checkpoints")
    parser.add_argument("--output", type=Path, required=True, help=output)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:N or mps")
    return parser
