"""That every value given to an algorithm is used, or refused before the run."""

from typing import Any

from qgis.core import QgsProcessingContext

from ..contract.errors import UserError


class CheckedValues:
    """First base class of an algorithm, before QGIS's own, which only names a parameter whose value is wrong."""

    def checkParameterValues(self, parameters: dict[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Say of the first value that cannot be used what is wrong with it."""
        try:
            self.values(parameters, context)
        except UserError as error:
            return False, str(error)
        return True, ""

    def values(self, parameters: dict[str, Any], context: QgsProcessingContext) -> dict[str, Any]:
        """Return the values as they are used, by key; `UserError` for what cannot be, also where QGIS says so."""
        from .parameters.reading import read_values  # not at the top: it needs GDAL, and QGIS starts without

        values = read_values(self, parameters, context)
        acceptable, reason = super().checkParameterValues(values, context)
        if not acceptable:
            raise UserError(reason)
        return values
