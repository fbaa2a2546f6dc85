"""The lines on the pipe between QGIS and the engine: one JSON object a line.

QGIS sends jobs (`jobs.to_json`). The engine answers with any number of `progress`, `message` and `unfinished` lines and
ends each job with exactly one `result` or `error` line.
"""

import json
from typing import Any

from .secrets import without_secrets


def progress(fraction: float) -> dict[str, Any]:
    """How much of the job is done, 0..1."""
    return {"kind": "progress", "fraction": fraction}


def message(level: str, text: str) -> dict[str, Any]:
    """A line for the log; `level` is "info" or "warning"."""
    return {"kind": "message", "level": level, "text": without_secrets(text)}


def unfinished(path: str) -> dict[str, Any]:
    """The temporary file or folder `path` is about to be made: whoever outlives the engine removes it."""
    return {"kind": "unfinished", "path": path}


def result(values: dict[str, Any]) -> dict[str, Any]:
    """The job is done; `values` is a JSON-able dict."""
    return {"kind": "result", "values": values}


def error(text: str, user: bool, traceback: str = "") -> dict[str, Any]:
    """The job failed: by something the user can put right (`user`), or by a bug that `traceback` tells of."""
    shown = {"text": without_secrets(text), "traceback": without_secrets(traceback)}
    return {"kind": "error", "user": user, **shown}


def encode(message_on_pipe: dict[str, Any]) -> bytes:
    """Return the message as one line of ASCII bytes (undecodable file names survive the way as escapes).

    Raises TypeError when it holds something that JSON does not know, a numpy number for instance.
    """
    return json.dumps(message_on_pipe).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Return the message of one line of bytes; raises ValueError when it is not JSON."""
    return json.loads(line)
