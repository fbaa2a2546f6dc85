"""Let a benchmark that is run as a script import relatively, as a part of the package `sarbridge` (PEP 366)."""

import sys
from pathlib import Path


def load_package():
    """Put the checkout into `sys.modules` as `sarbridge`, with libraries set as in the engine's process.

    Return the package name of the benchmarks.
    """
    sys.path.append(str(Path(__file__).resolve().parents[1] / "engine"))
    from package import load_package as load_sarbridge

    load_sarbridge()
    from sarbridge.engine.process_environment import set_environment

    set_environment()
    return "sarbridge.benchmarks"
