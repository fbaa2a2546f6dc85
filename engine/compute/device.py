"""On which device the networks run, with what precision, and what happens when its memory is too small."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, is_dataclass, replace
from typing import Any, Callable, TypeVar

import torch

from ...contract.devices import DEVICES_IN_WORDS, device_parts
from ...contract.errors import UserError
from ..reporting import Reporter

Batch = TypeVar("Batch")


def choose_device(text: str, reporter: Reporter) -> torch.device:
    """Return the `torch.device` for "auto", "cpu", "cuda", "cuda:N" or "mps", and report the choice and its reason.

    Raises UserError for a device that does not exist.
    """
    device, reason = device_and_reason(text)
    reporter.info(f"Device: {device} ({reason}).")
    return device


def device_and_reason(text: str) -> tuple[torch.device, str]:
    """Return the `torch.device` that `choose_device` chooses, and why."""
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    has_mps = torch.backends.mps.is_available()
    if text == "auto":
        if gpus:
            return torch.device("cuda", 0), f"automatic choice: {torch.cuda.get_device_name(0)}"
        if has_mps:
            return torch.device("mps"), "automatic choice: the GPU of this Mac"
        return torch.device("cpu"), f"automatic choice: torch {torch.__version__} finds no GPU"
    parts = device_parts(text)
    if parts is None:
        raise UserError(f"The device '{text}' is unknown: choose {DEVICES_IN_WORDS}.")
    kind, index = parts
    if kind == "mps" and not has_mps:
        raise UserError("The device 'mps' does not exist on this computer: choose auto or cpu.")
    if kind != "cuda":
        return torch.device(kind), "as asked"
    if index >= gpus:
        raise UserError(
            f"The device '{text}' does not exist: torch {torch.__version__} finds {gpus} CUDA GPUs on this "
            "computer; choose auto or cpu."
        )
    return torch.device("cuda", index), f"as asked: {torch.cuda.get_device_name(index)}"


def supports_bf16(device: torch.device) -> bool:
    """Return whether the device computes bfloat16 faster than float32.

    That is so on CUDA GPUs of capability 8 and later (Ampere), and on CPUs with AVX512-BF16 or AMX.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return False


def reduced_precision(device: torch.device) -> AbstractContextManager:
    """Return the context in which a network of convolutions runs fastest on the device.

    Autocast to bfloat16 where `supports_bf16`, to float16 on older CUDA GPUs; elsewhere nothing is changed.
    """
    if supports_bf16(device):
        return torch.autocast(device.type, torch.bfloat16)
    return torch.autocast("cuda", torch.float16) if device.type == "cuda" else nullcontext()


def training_precision(device: torch.device) -> AbstractContextManager:
    """Return the context in which networks learn: autocast to bfloat16 where `supports_bf16`, elsewhere float32.

    Float16 is left to inference: small gradients vanish in it.
    """
    return torch.autocast(device.type, torch.bfloat16) if supports_bf16(device) else nullcontext()


def on_device(batch: Batch, device: torch.device) -> Batch:
    """Return a batch on a device: tensors, alone or in (named) tuples, lists, dicts and dataclasses.

    Images [N, C, H, W] come in the layout that convolutions are fastest in (channels last).
    """
    if isinstance(batch, torch.Tensor):
        layout = torch.channels_last if batch.dim() == 4 else torch.preserve_format
        return batch.to(device, memory_format=layout, non_blocking=batch.is_pinned())
    if isinstance(batch, dict):
        return {name: on_device(value, device) for name, value in batch.items()}
    if is_dataclass(batch):
        return replace(batch, **{each.name: on_device(getattr(batch, each.name), device) for each in fields(batch)})
    if isinstance(batch, (tuple, list)):
        values = (on_device(value, device) for value in batch)
        return type(batch)(*values) if hasattr(batch, "_fields") else type(batch)(values)
    return batch


def halve_on_out_of_memory(
    run: Callable[[Any], Any], batch_size: int, reporter: Reporter, item: str = "window"
) -> Callable[[Any], list]:
    """Return a function that maps a tensor (or anything that can be sliced) to the list of `run`'s results per batch.

    When the GPU's memory is too small for a batch, the batch size is halved, for that batch and all later ones, and the
    work goes on. Raises UserError when a single item does not fit. `item` is what messages call one.
    """

    def run_in_batches(items):
        nonlocal batch_size
        results = []
        start = 0
        while start < len(items):
            batch = items[start : start + batch_size]
            try:
                results.append(run(batch))
                start += len(batch)
                continue
            except RuntimeError as error:
                if not _is_out_of_memory(error):
                    raise
                if len(batch) == 1:
                    raise UserError(
                        f"The GPU's memory is too small for a single {item}: close other programs that use the GPU, or "
                        "choose the device cpu."
                    ) from error
            # Outside of the handler, where the exception no longer holds on to the failed batch's tensors.
            batch_size = len(batch) // 2
            (torch.mps if torch.backends.mps.is_available() else torch.cuda).empty_cache()
            reporter.warning(
                f"The GPU's memory is too small for {len(batch)} {item}s at a time: going on with {batch_size}."
            )
        return results

    return run_in_batches


def _is_out_of_memory(error):
    # Metal (MPS) raises a plain RuntimeError. torch.OutOfMemoryError has its short name since torch 2.5.
    return isinstance(error, torch.cuda.OutOfMemoryError) or "MPS backend out of memory" in str(error)
