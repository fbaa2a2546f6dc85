"""The job that looks at the engine itself."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CheckEngineJob:
    """Report the engine's versions and devices and run a trial tile (module `engine/check_engine`)."""

    device: str = "auto"
    model: str = ""
