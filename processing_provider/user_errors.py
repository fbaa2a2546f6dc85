"""From the engine's `UserError` to what QGIS shows as one sentence."""

from functools import wraps

from qgis.core import QgsProcessingException

from ..engine.errors import UserError


def one_sentence(method):
    """Decorate a method of an algorithm: its `UserError` reaches the user as that sentence, without a traceback.

    QGIS shows the traceback of any Python exception but `QgsProcessingException`, which is right for bugs only.
    """

    @wraps(method)
    def decorated(*arguments):
        try:
            return method(*arguments)
        except UserError as error:
            raise QgsProcessingException(str(error)) from None

    return decorated
