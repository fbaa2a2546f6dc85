"""How a running task tells how far it is and what it decided."""

from typing import Callable

from ..contract import protocol


class Reporter:
    """Progress and messages of one job, handed to `send` as messages of the protocol."""

    def __init__(self, send: Callable[[dict], None]):
        self._send = send
        self._permille = -1

    def progress(self, fraction: float) -> None:
        """Report the share of the job that is done, 0..1, as often as is convenient; it never goes back."""
        permille = round(1000 * fraction)
        if permille > self._permille:
            self._permille = permille
            self._send(protocol.progress(permille / 1000))

    def part(self, begin: float, end: float) -> "Reporter":
        """Return a `Reporter` of the same job whose progress 0..1 is that from `begin` to `end` of this one."""
        return _Part(self, begin, end)

    def info(self, text: str) -> None:
        """Report a decision or a finding."""
        self._send(protocol.message("info", text))

    def warning(self, text: str) -> None:
        """Report what the user should know before trusting the result."""
        self._send(protocol.message("warning", text))


class _Part(Reporter):
    def __init__(self, whole: Reporter, begin: float, end: float):
        super().__init__(whole._send)
        self._whole, self._begin, self._end = whole, begin, end

    def progress(self, fraction: float) -> None:
        self._whole.progress(self._begin + (self._end - self._begin) * fraction)


class NullReporter(Reporter):
    """For use without a pipe: nothing is reported."""

    def __init__(self):
        super().__init__(send=lambda message: None)


class ConsoleReporter(Reporter):
    """For use on a command line: messages are printed, progress is not."""

    def __init__(self):
        super().__init__(send=_print)


def _print(message):
    if message["kind"] == "message":
        print(message["text"], flush=True)
