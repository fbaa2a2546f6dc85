"""On which device the networks run, with what precision, and what happens when its memory is too small."""

import re

import torch

from .errors import UserError


def choose_device(text, reporter):
    """Return the `torch.device` for "auto", "cpu", "cuda", "cuda:N" or "mps", and report the choice and its reason.

    Raises UserError for a device that does not exist.
    """
    device, reason = device_and_reason(text)
    reporter.info(f"Device: {device} ({reason}).")
    return device


def device_and_reason(text):
    """Return the `torch.device` that `choose_device` chooses, and why."""
    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    has_mps = torch.backends.mps.is_available()
    if text == "auto":
        if gpus:
            return torch.device("cuda", 0), f"automatic choice: {torch.cuda.get_device_name(0)}"
        if has_mps:
            return torch.device("mps"), "automatic choice: the GPU of this Mac"
        return torch.device("cpu"), f"automatic choice: torch {torch.__version__} finds no GPU"
    match = re.fullmatch(r"(cpu|mps|cuda)(?::(\d+))?", text)
    if not match or (match[2] and match[1] != "cuda"):
        raise UserError(f"The device '{text}' is unknown: choose auto, cpu, cuda, cuda:N (N counts from 0) or mps.")
    if match[1] == "mps" and not has_mps:
        raise UserError("The device 'mps' does not exist on this computer: choose auto or cpu.")
    if match[1] == "cuda":
        index = int(match[2] or 0)
        if index >= gpus:
            raise UserError(
                f"The device '{text}' does not exist: torch {torch.__version__} finds {gpus} CUDA GPUs on this "
                "computer; choose auto or cpu."
            )
        return torch.device("cuda", index), f"as asked: {torch.cuda.get_device_name(index)}"
    return torch.device(match[1]), "as asked"


def supports_bf16(device):
    """Return whether the device computes bfloat16 faster than float32.

    That is so on CUDA GPUs of capability 8 and later (Ampere), and on CPUs with AVX512-BF16 or AMX.
    """
    if device.type == "cuda":
        return torch.cuda.get_device_capability(device) >= (8, 0)
    if device.type == "cpu" and hasattr(torch.cpu, "get_capabilities"):
        capabilities = torch.cpu.get_capabilities()
        return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))
    return False


def halve_on_out_of_memory(run, batch_size, reporter):
    """Return a function that maps a tensor (or anything that can be sliced) to the list of `run`'s results per batch.

    When the GPU's memory is too small for a batch, the batch size is halved, for that batch and all later ones, and the
    work goes on. Raises UserError when a single item does not fit.
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
            except torch.cuda.OutOfMemoryError as error:
                if len(batch) == 1:
                    raise UserError(
                        "The GPU's memory is too small for a single window: close other programs that use the GPU, or "
                        "choose the device cpu."
                    ) from error
            # Outside of the handler, where the exception no longer holds on to the failed batch's tensors.
            batch_size = len(batch) // 2
            torch.cuda.empty_cache()
            reporter.warning(f"The GPU's memory is too small for the batch: going on with batches of {batch_size}.")
        return results

    return run_in_batches
