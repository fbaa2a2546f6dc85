"""The progress of a run: a bar that never goes back, and now and then a line in the log with the time left."""

import time
from collections.abc import Callable

from qgis.core import QgsProcessingFeedback

SECONDS_BETWEEN_LINES = 10.0


class TimedProgress:
    """Shows the share that is done of what began when this was made, reckoning that it goes on at the same pace."""

    def __init__(self, feedback: QgsProcessingFeedback, clock: Callable[[], float] = time.monotonic):
        self._feedback, self._clock = feedback, clock
        self._begun = self._last_line = clock()
        self._percent = 0.0

    def report(self, percent: float) -> None:
        """Show how much is done, 0..100; may be called as often as is convenient."""
        self._percent = max(self._percent, percent)
        self._feedback.setProgress(self._percent)
        now = self._clock()
        if now - self._last_line >= SECONDS_BETWEEN_LINES and 0 < self._percent < 100:
            self._last_line = now
            left = (now - self._begun) * (100 - self._percent) / self._percent
            self._feedback.pushInfo(f"{self._percent:.0f} % done, about {in_words(left)} left.")


def in_words(seconds: float) -> str:
    """Return a time as people say it: seconds, then minutes, then hours."""
    for limit, unit, size in ((90, "s", 1), (90 * 60, "min", 60)):
        if seconds < limit:
            return f"{max(1, round(seconds / size))} {unit}"
    return f"{seconds / 3600:.1f} h"
