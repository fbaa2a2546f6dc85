"""Values of fields as formats and users spell them → numbers and truths."""

import math
from typing import Any, Optional

from qgis.core import NULL

_TRUE = ("true", "t", "yes", "y")
_FALSE = ("false", "f", "no", "n")
"""How formats without booleans (Shapefile, text) spell them, in lower case; they know numbers too."""


def is_empty(value: Any) -> bool:
    """Return whether a field holds nothing: no value, or a text of blanks."""
    return value is None or value == NULL or (isinstance(value, str) and not value.strip())


def as_number(value: Any) -> Optional[float]:
    """Return a finite number, which may be written as text with a decimal point; None when it is none.

    What Python alone takes for a number, such as 1_000 and the digits of other scripts, is none.
    """
    if is_empty(value) or isinstance(value, bool) or "_" in str(value) or not str(value).isascii():
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


def as_truth(value: Any) -> Optional[bool]:
    """Return what a value of any type says, None when it is neither true nor false: true, "Yes", 1, "1.0" …"""
    if isinstance(value, bool):
        return value
    word, number = str(value).strip().lower(), as_number(value)
    if word in _TRUE or number == 1:
        return True
    return False if word in _FALSE or number == 0 else None
