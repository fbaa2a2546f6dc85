"""JSON of strangers: read within bounds, so that whatever stands in a file is small, printable and unambiguous."""

import json
from typing import Any

DEEPEST, MOST_ITEMS, LONGEST_TEXT, LARGEST_NUMBER = 8, 10_000, 20_000, 1e15


def parse(text: str) -> Any:
    """Return the value of a JSON text.

    Raises ValueError for what is no JSON, for NaN and infinity, a key given twice, nesting deeper than `DEEPEST`, more
    than `MOST_ITEMS` in one list or object, numbers beyond `LARGEST_NUMBER`, keys that cannot be printed, and texts
    that are too long, or hold control characters or half a character (a lone surrogate).
    """
    try:
        value = json.loads(text, parse_constant=_no_number, object_pairs_hook=_without_doubles, parse_int=_whole)
    except json.JSONDecodeError as error:
        raise ValueError("its header is no JSON") from error
    except RecursionError as error:
        raise ValueError("its header is nested too deep") from error
    _check(value, DEEPEST)
    return value


def _no_number(text):
    raise ValueError(f"its header holds {text}, which is no number")


def _whole(text):
    if len(text) > 16:
        raise ValueError(f"its header holds a number of {len(text)} digits")
    return int(text)


def _without_doubles(pairs):
    values = dict(pairs)
    if len(values) < len(pairs):
        raise ValueError("its header gives an entry twice")
    return values


def _check(value, deepest):
    if deepest == 0:
        raise ValueError("its header is nested too deep")
    if isinstance(value, (dict, list)):
        if len(value) > MOST_ITEMS:
            raise ValueError(f"its header has a list of {len(value)} entries")
        if isinstance(value, dict) and not all(key.isprintable() for key in value):
            raise ValueError("its header names an entry with characters that cannot be shown")
        for part in value.values() if isinstance(value, dict) else value:
            _check(part, deepest - 1)
    elif isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            raise ValueError(f"its header holds a text of {len(value)} characters")
        if not all(sign.isprintable() or sign in "\n\t" for sign in value):
            raise ValueError("its header holds a text with characters that cannot be shown")
    elif isinstance(value, float) and abs(value) > LARGEST_NUMBER:
        raise ValueError(f"its header holds the number {value:g}, which is too large")
