"""Values of choices: identifiers, and words in their place."""

from qgis.core import QgsProcessingParameterEnum
from sarbridge.processing_provider.parameters.choice import identifier_of


def test_an_identifier_is_never_taken_for_another_one_s():
    definition = QgsProcessingParameterEnum("MODEL", "Model", ["auto", "Auto", "mine"], usesStaticStrings=True)
    definition.setMetadata({"words": {"auto": "automatic", "mine": "Auto-made"}})
    for value, identifier in {"auto": "auto", "Auto": "Auto", "AUTO": "auto", "Automatic": "auto"}.items():
        assert identifier_of(definition, value) == identifier
    assert identifier_of(definition, "auto-made") == "mine" and identifier_of(definition, "else") == "else"
    assert identifier_of(definition, None) is None and identifier_of(definition, 3) == 3
