"""Copies of parameters."""

from qgis.core import QgsProcessingParameterDefinition


def copied(definition: QgsProcessingParameterDefinition) -> QgsProcessingParameterDefinition:
    """Return a copy that an algorithm may be given.

    Of those that `clone()` makes Python is not told when QGIS deletes them with their algorithm: what still refers to
    one is then taken for whatever parameter comes to lie at its address, and QGIS crashes.
    """
    return type(definition)(definition)
