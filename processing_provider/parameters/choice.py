"""One of several words, or some of them: shown as a list, taken as text on the command line."""

from collections.abc import Iterable
from typing import Optional, Union

from qgis.core import QgsProcessingParameterEnum

from ..algorithm import SarbridgeAlgorithm
from .given import Given, several


def add_choice(
    algorithm: SarbridgeAlgorithm,
    key: str,
    title: str,
    options: Iterable[str],
    help_text: str,
    default: Optional[str] = None,
    optional: bool = False,
) -> None:
    """Add a choice, of which the first option is the default unless another is named."""
    default = default or next(iter(options), None)
    algorithm.add_parameter(
        QgsProcessingParameterEnum(key, algorithm.tr(title), options, False, default, optional, usesStaticStrings=True),
        help_text,
    )


def read_choice(given: Given) -> Union[str, list[str]]:
    """Return the option that was chosen, or a list of different ones where several may be."""
    options = given.definition.options()
    if not given.definition.allowMultiple():
        if given.value not in options:
            raise given.must_be(f"one of {', '.join(options)}")
        return given.value
    chosen = several(given.value, ",")
    if not chosen or any(each not in options or chosen.count(each) > 1 for each in chosen):
        raise given.must_be(f"different ones of {', '.join(options)}, separated by commas")
    return chosen
