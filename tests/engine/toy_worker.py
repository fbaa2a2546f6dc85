"""The real worker with a task for tests: `check_engine` runs the Python text that it finds in the job's `model`.

The text may use `reporter` and fills the dict `values`, which becomes the result.
"""

import sys
import types
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "engine"))

from package import load_package  # noqa: E402

load_package()

from sarbridge.contract.jobs import TASKS  # noqa: E402
from sarbridge.engine import worker  # noqa: E402


def run(job, reporter):
    values = {}
    exec(job.model, {"reporter": reporter, "values": values})
    return values


toy = types.ModuleType("sarbridge.engine.toy")
toy.run = run
sys.modules[toy.__name__] = toy
TASKS["check_engine"] = TASKS["check_engine"]._replace(module="toy")
if __name__ == "__main__":
    worker.main()
