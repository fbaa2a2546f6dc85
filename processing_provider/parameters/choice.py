"""One of several words, or some of them: commands and models know them by identifiers, people by words.

Values are identifiers everywhere: in commands, models, logs and jobs. Words are what dialogs show in their place; they
are understood wherever an identifier is.
"""

from collections.abc import Iterable, Mapping
from itertools import starmap
from typing import Any, Optional, Union

from qgis.core import QgsProcessingParameterEnum

from ..algorithm import SarbridgeAlgorithm
from .given import Given, several

_WIDGET = f"{__name__.partition('.')[0]}.plugin.choice_widget.ChoiceWidget"
"""By its name, as nothing of a dialog is wanted in `qgis_process`. Versions of QGIS that look for no such name show
identifiers."""


def words_of(definition: QgsProcessingParameterEnum) -> dict[str, str]:
    """Return {identifier: words} of a choice; the metadata keep them, so that a copy in a model has them too."""
    words = definition.metadata().get("words", {})
    return {name: words.get(name, name) for name in definition.options()}


def identifier_of(definition: QgsProcessingParameterEnum, value: Any) -> Any:
    """Return the identifier of a value in words; any other value as it is, identifiers first of all."""
    if value in definition.options():
        return value
    said = str(value).strip().casefold()
    return next(
        (name for name, words in words_of(definition).items() if said in (name.casefold(), words.casefold())), value
    )


def add_choice(
    algorithm: SarbridgeAlgorithm,
    key: str,
    title: str,
    options: Union[Mapping[str, str], Iterable[str]],
    help_text: str,
    default: Optional[str] = None,
    optional: bool = False,
    advanced: bool = False,
) -> None:
    """Add a choice between identifiers, with words for them or as they are; the default is the first, none for ""."""
    words = options if isinstance(options, Mapping) else {name: name for name in options}
    default = next(iter(words), None) if default is None else default or None
    definition = QgsProcessingParameterEnum(
        key, algorithm.tr(title), list(words), False, default, optional, usesStaticStrings=True
    )
    definition.setMetadata({"widget_wrapper": {"class": _WIDGET}, "words": dict(words)})
    algorithm.add_parameter(definition, f"{help_text}{_listed(words)}", advanced)


def read_choice(given: Given) -> Union[str, list[str]]:
    """Return the identifier of what was chosen, or a list of different ones where several may be."""
    definition = given.definition
    options = definition.options()
    if definition.allowMultiple():
        chosen = several(given.value, ",")
        if not chosen or any(each not in options or chosen.count(each) > 1 for each in chosen):
            raise given.must_be(f"different ones of {', '.join(options)}, separated by commas")
        return chosen
    name = identifier_of(definition, given.value)
    if name not in options:
        raise given.must_be(f"one of these: {'; '.join(starmap(_in_both, words_of(definition).items()))}")
    return name


def _listed(words):
    """Return what help adds for commands, where words say more than identifiers: which is which."""
    if all(name == said for name, said in words.items()):
        return ""
    return f" Values: {'; '.join(starmap(_in_both, words.items()))}."


def _in_both(name, words):
    return name if name == words else f"{words} ({name})"
