"""The lines on the pipe between QGIS and the engine: one JSON object a line.

QGIS sends jobs (`jobs.to_json`). The engine answers with any number of `progress`, `message` and `unfinished` lines and
ends each job with exactly one `result` or `error` line.
"""

import json
from math import inf
from typing import Any

from .secrets import without_secrets

LONGEST_LINE = 2**30
"""Bytes of a line, at most: a result of two million tie points."""


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


def decode_answer(line: bytes) -> dict[str, Any]:
    """Return one line of the engine as its message; raises ValueError unless it is one of those above.

    Other programs may write to the pipe, and an engine may be another version's.
    """
    try:
        answer = decode(line)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
    if not (isinstance(answer, dict) and isinstance(answer.get("kind"), str) and answer["kind"] in _ANSWERS):
        raise ValueError("it has no kind that is known")
    entries = _ANSWERS[answer["kind"]]
    if answer.keys() != {"kind", *entries}:
        raise ValueError(f"it needs {', '.join(entries)}")
    for key, is_right in entries.items():
        if not is_right(answer[key]):
            raise ValueError(f"its {key} is none")
    return answer


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


_ANSWERS = {
    "progress": {"fraction": lambda value: type(value) in (int, float) and -inf < value < inf},
    "message": {"level": lambda value: value in ("info", "warning"), "text": _is_text},
    "unfinished": {"path": lambda value: True},  # what can be none is not removed
    "result": {"values": lambda value: isinstance(value, dict)},
    "error": {"user": lambda value: isinstance(value, bool), "text": _is_text, "traceback": _is_text},
}
"""By kind of answer: its entries, and what each must be."""
