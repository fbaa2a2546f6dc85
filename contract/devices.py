"""Devices by name: where the engine computes."""

import re
from typing import Optional

DEVICES_IN_WORDS = "auto, cpu, cuda, cuda:N (N counts from 0) or mps"

_NAME = re.compile(r"(auto|cpu|mps|cuda)(?::([0-9]+))?")


def device_parts(name: str) -> Optional[tuple[str, int]]:
    """Return (kind, number) of a device, None for a name that no device has: ("cuda", 1) for "cuda:1"."""
    match = _NAME.fullmatch(name)
    if not match or (match[2] and match[1] != "cuda"):
        return None
    return match[1], int(match[2] or 0)
