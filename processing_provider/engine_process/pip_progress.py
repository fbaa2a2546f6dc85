"""How far pip is: by what lies on the disk, because pip is silent for as long as one large package takes."""

import math
import os
import time
from contextlib import suppress
from pathlib import Path

from qgis.core import QgsProcessingFeedback

from .timed_progress import TimedProgress

SECONDS_BETWEEN_LOOKS = 1.0

_DOWNLOADING = 5.0, 40.0, 200e6
_INSTALLING = 40.0, 87.5, 600e6
"""Percent at the beginning and at the end of a stage, and the bytes that bring two thirds of the way between them: how
many there will be is not known, so that the bar nears the end of a stage without reaching it."""


class PipProgress:
    """Pip's lines go to the log; the size of `folder`, where it downloads and installs, makes the progress."""

    def __init__(self, feedback: QgsProcessingFeedback, folder: Path):
        self._feedback, self._folder = feedback, folder
        self._progress = TimedProgress(feedback)
        self._stage, self._before, self._looked = _DOWNLOADING, _size(folder), time.monotonic()
        self._progress.report(_DOWNLOADING[0])

    def on_line(self, line: str) -> None:
        """Take note of a line of pip."""
        if line.startswith("Installing collected packages"):
            self._stage, self._before = _INSTALLING, _size(self._folder)
        self._feedback.pushInfo(line)
        self.look()

    def on_silence(self) -> None:
        """To be called again and again while pip says nothing."""
        if time.monotonic() - self._looked >= SECONDS_BETWEEN_LOOKS:
            self.look()

    def look(self) -> None:
        """Show how far pip is by now."""
        self._looked = time.monotonic()
        begin, end, most = self._stage
        grown = max(0, _size(self._folder) - self._before)
        self._progress.report(begin + (end - begin) * (1 - math.exp(-grown / most)))


def _size(folder):
    """Return the bytes of all files in a folder, in which files come and go."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(path, name).lstat().st_size
    return total
