"""A training from the job to the model, for tests, as the plugin has it done."""

from typing import Any

from sarbridge.contract.checkpoints import CHECKPOINTS, remove_checkpoints


def whole_training(task: Any, job: Any, reporter: Any) -> dict[str, Any]:
    """Run the module of a training and remove what it kept on its way; return its result."""
    result = task.run(job, reporter)
    remove_checkpoints(result[CHECKPOINTS])
    return result
