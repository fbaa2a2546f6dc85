"""One of several words: shown as a list, taken as text on the command line; `parameterAsString` reads it."""

from collections.abc import Iterable
from typing import Optional

from qgis.core import QgsProcessingParameterEnum

from ..algorithm import SarbridgeAlgorithm


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
