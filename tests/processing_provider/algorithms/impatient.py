"""A user who cancels a run in the middle."""

from qgis.core import QgsProcessingFeedback


class Impatient(QgsProcessingFeedback):
    """Cancels when a text is in the log."""

    def __init__(self, text):
        super().__init__(False)
        self._text = text

    def pushInfo(self, info):
        super().pushInfo(info)
        if self._text in info:
            self.cancel()
