"""Runs the job of one line from the pipe and answers with a result or an error."""

import importlib
import sys
import traceback
from collections.abc import Callable

from ..contract import protocol
from ..contract.errors import UserError
from ..contract.installation import NEEDED_MODULES
from ..contract.jobs import TASKS, from_json
from .reporting import Reporter

OUT_OF_MEMORY = (
    "The engine ran out of memory: close other programs, lower the batch size, choose a smaller extent or a larger "
    "pixel size, or run on the CPU if this was the memory of the GPU."
)

_RECEIVED, _LOADED = 0.01, 0.04
"""How far a job is when it has arrived, and when the modules of its task, torch first of all, are loaded."""


def run_task(line: bytes, send: Callable[[dict], None]) -> None:
    """Run a job as `jobs.to_json` wrote it and send its messages, the last of which is its result or its error.

    Nothing is raised. Modules of tasks are imported when first asked for, so that a process is up at once.
    """
    reporter = Reporter(send)
    try:
        message = protocol.decode(line)
        job = from_json(message)
        reporter.progress(_RECEIVED)
        module = importlib.import_module(f"{__package__}.{TASKS[message['task']].module}")
        send(protocol.result(module.run(job, reporter.part(_LOADED, 1))))
    except Exception as error:
        sentence = _sentence_for_the_user(error)
        if sentence:
            send(protocol.error(sentence, user=True))
        else:
            send(protocol.error(f"{type(error).__name__}: {error}", user=False, traceback=traceback.format_exc()))


def _sentence_for_the_user(error: Exception) -> str:
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] in NEEDED_MODULES:
        return (
            f"The engine's Python ({sys.executable}) has no module '{error.name}': run 'Set up the engine' from the "
            "Processing toolbox, or choose another interpreter in the SARbridge options."
        )
    if isinstance(error, MemoryError) or _is_torch_out_of_memory(error):
        return OUT_OF_MEMORY
    return ""


def _is_torch_out_of_memory(error: Exception) -> bool:
    torch = sys.modules.get("torch")
    if torch is None:
        return False
    on_cpu = isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)
    return on_cpu or isinstance(error, torch.cuda.OutOfMemoryError)
