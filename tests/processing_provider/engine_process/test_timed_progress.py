"""The bar and the lines with the time left, by a clock that tests set; and pip's progress while pip is silent."""

import pytest
from qgis.core import QgsProcessingFeedback
from sarbridge.processing_provider.engine_process.pip_progress import PipProgress
from sarbridge.processing_provider.engine_process.timed_progress import TimedProgress, in_words


class Bar(QgsProcessingFeedback):
    def __init__(self):
        super().__init__(False)
        self.percents, self.lines = [], []
        self.progressChanged.connect(self.percents.append)

    def pushInfo(self, text):
        self.lines.append(text)


def test_time_left_is_logged_every_ten_seconds_and_no_more_often():
    bar, now = Bar(), [0.0]
    progress = TimedProgress(bar, lambda: now[0])
    for second in range(41):
        now[0] = float(second)
        progress.report(second)
    assert bar.lines == [
        f"{done} % done, about {100 - done} s left.".replace("90 s", "2 min") for done in (10, 20, 30, 40)
    ]


def test_the_bar_never_goes_back():
    bar = Bar()
    progress = TimedProgress(bar)
    for percent in (1, 30, 20, 40):
        progress.report(percent)
    assert bar.percents == sorted(bar.percents) and bar.percents[-1] == 40


@pytest.mark.parametrize("seconds, words", [(0.2, "1 s"), (59, "59 s"), (120, "2 min"), (7200, "2.0 h")])
def test_times_are_told_as_people_do(seconds, words):
    assert in_words(seconds) == words


def test_the_bar_moves_while_pip_is_silent(tmp_path):
    bar = Bar()
    progress = PipProgress(bar, tmp_path)
    progress.on_line("Installing collected packages: torch")
    for number in range(5):
        with (tmp_path / f"part{number}").open("wb") as part:
            part.truncate(200_000_000)
        progress.look()
    assert len(set(bar.percents)) >= 6 and bar.percents == sorted(bar.percents)
    assert 70 < bar.percents[-1] < 87.5
