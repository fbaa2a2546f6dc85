"""The lines on the pipe."""

import math

import pytest
from sarbridge.contract import protocol
from sarbridge.engine.reporting import NullReporter, Reporter


def test_a_message_is_one_line_and_survives_the_way():
    values = {"path": "/tmp/Zürich\n\udcff.tif", "numbers": [1, 2.5, None], "text": "line\nbreak"}
    line = protocol.encode(protocol.result(values))
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert protocol.decode(line) == {"kind": "result", "values": values}


def test_not_a_number_survives_the_way():
    line = protocol.encode(protocol.result({"rmse": math.nan}))
    assert math.isnan(protocol.decode(line)["values"]["rmse"])


def test_what_json_does_not_know_is_refused():
    with pytest.raises(TypeError):
        protocol.encode(protocol.result({"values": {1, 2}}))


def test_reporter_sends_messages_of_the_protocol():
    sent = []
    reporter = Reporter(sent.append)
    reporter.progress(0.25)
    reporter.info("SAR values are in dB")
    reporter.warning("swapped?")
    assert sent == [
        {"kind": "progress", "fraction": 0.25},
        {"kind": "message", "level": "info", "text": "SAR values are in dB"},
        {"kind": "message", "level": "warning", "text": "swapped?"},
    ]


def test_a_million_steps_are_a_thousand_messages():
    sent = []
    reporter = Reporter(sent.append)
    for step in range(100_000):
        reporter.progress((step + 1) / 100_000)
    assert len(sent) == 1001
    assert sent[-1]["fraction"] == 1


def test_null_reporter_is_silent(capfd):
    reporter = NullReporter()
    reporter.progress(0.5)
    reporter.info("text")
    reporter.warning("text")
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "line",
    [
        b"not json",
        b"",
        b"\xff\xfe",
        b"[]",
        b"5",
        b"null",
        b"{}",
        b'{"kind": 5}',
        b'{"kind": ["result"]}',
        b'{"kind": "music"}',
        b'{"kind": "progress"}',
        b'{"kind": "progress", "fraction": NaN}',
        b'{"kind": "progress", "fraction": Infinity}',
        b'{"kind": "progress", "fraction": "half"}',
        b'{"kind": "progress", "fraction": true}',
        b'{"kind": "message", "level": "loud", "text": "a"}',
        b'{"kind": "message", "level": "info", "text": 5}',
        b'{"kind": "unfinished"}',
        b'{"kind": "result"}',
        b'{"kind": "result", "values": [1]}',
        b'{"kind": "result", "values": {}, "more": 1}',
        b'{"kind": "error", "user": 1, "text": "a", "traceback": ""}',
        b'{"kind": "error", "user": true}',
        b"[" * 100_000,
    ],
)
def test_what_is_no_answer_is_refused(line):
    with pytest.raises(ValueError):
        protocol.decode_answer(line + b"\n")


@pytest.mark.parametrize(
    "answer",
    [
        protocol.progress(0.5),
        protocol.progress(1),
        protocol.message("info", "a"),
        protocol.unfinished("/tmp/a"),
        protocol.result({"rmse": None}),
        protocol.error("a", user=True),
        protocol.error("a", user=False, traceback="b"),
    ],
)
def test_every_answer_is_understood(answer):
    assert protocol.decode_answer(protocol.encode(answer)) == answer
