"""A value as it was given for a parameter, in whatever type the dialog, a model, a script or the command line has."""

from typing import Any, NamedTuple

from qgis.core import (
    NULL,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterDefinition,
    QgsProperty,
)

from ...contract.errors import UserError
from ...contract.secrets import without_secrets

_LONGEST = 120
"""Letters of a text that a sentence repeats."""


class Given(NamedTuple):
    """A value that is not empty, with all that it takes to read it; `parameters` are those of the whole run."""

    algorithm: QgsProcessingAlgorithm
    definition: QgsProcessingParameterDefinition
    value: Any
    parameters: dict[str, Any]
    context: QgsProcessingContext

    def must_be(self, wanted: str) -> UserError:
        """Return the sentence that the value is not what is wanted."""
        return UserError(f"{named(self.definition)} must be {wanted}; got {_shown(self.value)}.")

    def refused(self, why: str) -> UserError:
        """Return a sentence, whose rest is `why`, that begins with the parameter."""
        return UserError(f"{named(self.definition)}: {why}.")


def named(definition: QgsProcessingParameterDefinition) -> str:
    """Return what sentences call a parameter: its label, which dialogs show, and its key, which one types."""
    return f"{definition.description()} ({definition.name()})"


def missing(definition: QgsProcessingParameterDefinition) -> UserError:
    """Return the sentence that a parameter must not be left empty."""
    return UserError(f"{named(definition)} is needed: give it and run again.")


def is_empty(value: Any) -> bool:
    """Return whether a value says nothing: None, QGIS's NULL or a blank text."""
    return (
        value is None
        or (isinstance(value, type(NULL)) and value == NULL)
        or (isinstance(value, str) and not value.strip())
    )


def is_optional(definition: QgsProcessingParameterDefinition) -> bool:
    """Return whether a parameter may be left empty."""
    return bool(definition.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional)


def several(value: Any, separators: str) -> list:
    """Return the items of a list or of a text whose parts stand between any of `separators`; else the value alone."""
    if isinstance(value, (list, tuple)):
        return list(value)
    if not isinstance(value, str):
        return [value]
    for separator in separators:
        value = value.replace(separator, separators[0])
    return [part.strip() for part in value.split(separators[0])]


def evaluated(definition: QgsProcessingParameterDefinition, value: Any, context: QgsProcessingContext) -> Any:
    """Return what an expression gives, any other value as it is.

    Raises `UserError` for an expression without a value, where QGIS takes the default in silence.
    """
    if not isinstance(value, QgsProperty):
        return value
    if value == QgsProperty():  # says nothing
        return None
    result, is_right = value.value(context.expressionContext(), None)
    if not is_right:
        raise UserError(f"{named(definition)}: the expression {value.asExpression()} has no value here: correct it.")
    return result


def _shown(value):
    """Values as users know them: what a layer or another object is called instead of its address in memory."""
    if isinstance(value, (bool, int, float)):
        is_huge = isinstance(value, int) and value.bit_length() > 1000  # Python writes out no number of any length
        return "a huge number" if is_huge else str(value)
    if isinstance(value, (list, tuple)):
        return f"the list {', '.join(map(_shown, value))[:_LONGEST]}" if value else "an empty list"
    if not isinstance(value, str):
        name = getattr(value, "name", None)
        return f"'{name()}'" if callable(name) else f"a {type(value).__name__}"
    text = "".join(letter if letter.isprintable() else "?" for letter in without_secrets(value))  # before it is cut
    return f"'{text}'" if len(text) <= _LONGEST else f"'{text[:_LONGEST]}…'"
