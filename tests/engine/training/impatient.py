"""Somebody who ends a training in the middle."""

from sarbridge.tests.engine.geometry.surfaces import KeptReports


class CutOff(Exception):
    """Somebody ends the process."""


class Impatient(KeptReports):
    """Ends the run when a text is reported for the n-th time."""

    def __init__(self, text, times=1):
        super().__init__()
        self._text, self._left = text, times

    def _keep(self, message):
        super()._keep(message)
        self._left -= self._text in message.get("text", "")
        if not self._left:
            raise CutOff
