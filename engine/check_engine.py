"""Task `check_engine`: what the engine is made of, and whether its device computes what it should."""

import importlib
import platform
import statistics
import sys
import time
from typing import Any

import rasterio
import torch
from torch import nn

from ..contract.engine_jobs import CheckEngineJob
from ..contract.installation import CONSTRAINTS, NEEDED_MODULES, REQUIREMENTS
from ..models.card import read_card
from ..models.model_file import load_model
from .compute.device import choose_device, device_and_reason, supports_bf16
from .pinned_packages import differences
from .reporting import Reporter

TILE = 256  # pixels
TOLERANCE = 5e-3  # of the result's standard deviation; TF32 convolutions on GPUs stay within it


def run(job: CheckEngineJob, reporter: Reporter) -> dict[str, Any]:
    """Return versions, GPUs, threads, the chosen device and the outcome of a trial tile (`CheckEngineJob`).

    Keys: `versions` {name: text}; `differing_packages` [text]; `is_environment` (or else a Python of the system's, for
    which nothing is pinned); `python_path`; `gpus` [{name, memory_gib}]; `threads`; `device`; `device_reason`; `bf16`;
    `trial` {milliseconds per 256 × 256 tile, largest_difference, agrees}; with a model also `model` {name, task,
    networks}.
    Raises UserError for a device that does not exist or a model file that cannot be used.
    """
    device = choose_device(job.device, reporter)
    values = {
        "versions": _versions(),
        "differing_packages": [str(each) for each in differences(REQUIREMENTS, CONSTRAINTS)],
        "is_environment": _is_environment(),
        "python_path": sys.executable,
        "gpus": _gpus(),
        "threads": torch.get_num_threads(),
        "device": str(device),
        "device_reason": device_and_reason(job.device)[1],
        "bf16": supports_bf16(device),
    }
    if _is_environment():
        _warn_of_old_packages(reporter)
    reporter.progress(0.3)
    values["trial"] = run_trial(device)
    if not values["trial"]["agrees"]:
        reporter.warning(f"The device {device} computes wrong results: update its driver or choose the device cpu.")
    reporter.progress(0.8)
    if job.model:
        values["model"] = _model(job.model)
    reporter.progress(1.0)
    return values


def run_trial(device: torch.device) -> dict[str, Any]:
    """Run a small seeded network on a tile, in float32 on `device`, and compare it with float64 on the CPU."""
    generator = torch.Generator().manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 32, 3), nn.ReLU(), nn.Conv2d(32, 1, 3))
    for parameter in network.parameters():
        nn.init.normal_(parameter, std=0.1, generator=generator)
    tile = torch.randn(1, 1, TILE, TILE, generator=generator)
    with torch.inference_mode():
        expected = network.double()(tile.double())
        network, tile = network.float().to(device), tile.to(device)
        network(tile).cpu()  # the first pass builds kernels
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            result = network(tile).cpu()  # the copy waits for the device
            seconds.append(time.perf_counter() - start)
    difference = ((result - expected).abs().max() / expected.std()).item()
    return {
        "milliseconds": round(1000 * statistics.median(seconds), 1),
        "largest_difference": difference,
        "agrees": difference <= TOLERANCE,  # not so either when it is not finite
    }


def _versions():
    modules = {package: importlib.import_module(module) for module, package in NEEDED_MODULES.items()}
    return {
        "Python": platform.python_version(),
        **{package: module.__version__ for package, module in modules.items()},
        "GDAL": rasterio.__gdal_version__,
        "PROJ": rasterio.__proj_version__,
    }


def _is_environment():
    return sys.prefix != sys.base_prefix


def _warn_of_old_packages(reporter):
    old = [str(each) for each in differences(REQUIREMENTS) if each.is_older]
    if old:
        reporter.warning(
            f"The engine's environment is older than the plugin ({', '.join(old)}): run 'Set up the engine' again."
        )


def _gpus():
    if torch.cuda.is_available():
        gpus = [torch.cuda.get_device_properties(index) for index in range(torch.cuda.device_count())]
        return [{"name": gpu.name, "memory_gib": round(gpu.total_memory / 2**30, 1)} for gpu in gpus]
    if torch.backends.mps.is_available():
        # The last torch for Intel Macs (2.2) cannot tell.
        memory = torch.mps.recommended_max_memory() if hasattr(torch.mps, "recommended_max_memory") else 0
        return [{"name": "Apple GPU (mps)", "memory_gib": round(memory / 2**30, 1)}]
    return []


def _model(path):
    card, networks = load_model(path, read_card(path).task)
    return {"name": card.name, "task": card.task, "networks": ", ".join(networks)}
