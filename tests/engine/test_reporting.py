"""Progress of a job and of its parts."""

from sarbridge.engine.reporting import Reporter


def test_the_progress_of_a_part_is_that_of_its_share():
    sent = []
    reporter = Reporter(sent.append)
    half = reporter.part(0.5, 1)
    half.progress(0)
    half.part(0, 0.5).progress(1)
    reporter.progress(0.2)  # it never goes back
    half.progress(1)
    assert [message["fraction"] for message in sent] == [0.5, 0.75, 1]
