"""From the engine's `UserError` to what QGIS shows as one sentence."""

from collections.abc import Callable
from functools import wraps

from qgis.core import QgsProcessingException

from ...contract.errors import UserError


def one_sentence(method: Callable) -> Callable:
    """Decorate a method of an algorithm: its `UserError` reaches the user as that sentence, without a traceback.

    QGIS shows the traceback of any Python exception but `QgsProcessingException`, which is right for bugs only. It also
    never frees what an algorithm raised (3.22), nor what the frames of its traceback hold: layers, files. So what
    leaves here is a new exception from a frame that holds nothing.
    """

    @wraps(method)
    def decorated(algorithm, *arguments):
        try:
            return method(algorithm, *arguments)
        except (UserError, QgsProcessingException) as error:
            sentence = str(error)
        vars(algorithm).clear()
        del arguments
        raise QgsProcessingException(sentence)

    return decorated
