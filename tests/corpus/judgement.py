"""Whether a case of the corpus came out as it must: one sentence or the right result, nothing lost, nothing left."""

import hashlib
import re
import stat

from qgis.core import QgsProcessingException, QgsProcessingFeedback
from sarbridge.contract.errors import UserError

_LARGE = 2**24
"""Bytes from which a file is told by its size and time instead of its content: sparse files may be very large."""

_KEPT_BY_QGIS = (".aux.xml", "-wal", "-shm")
"""Endings of what GDAL keeps beside a layer that QGIS opens: statistics, SQLite's log."""

_PREFIX = "Unable to execute algorithm\n"
_SEE_LOG = "There were errors executing the algorithm."  # what is raised where `prepareAlgorithm` refused
_NO_SENTENCE = re.compile(
    r"Traceback|See previous|(?-i:\bNone\b)(?! of)|object at 0x|Error:|Exception|\berrno\b", re.IGNORECASE
)


class _Listener(QgsProcessingFeedback):
    """Keeps the warnings, and the errors, of a run."""

    def __init__(self):
        super().__init__(False)
        self.warnings, self.errors = [], []

    def pushWarning(self, warning):
        self.warnings.append(warning)
        super().pushWarning(warning)

    def reportError(self, error, fatalError=False):
        if error != _SEE_LOG:
            self.errors.append(error)
        super().reportError(error, fatalError)


def judge(case, folder, temporary):
    """Do what a `Case` asks in `folder`, and assert what must come of it; `temporary` is the folder for such files."""
    given, out = folder / "in", folder / "out"
    given.mkdir()
    out.mkdir()
    act = case.make(given)
    before, beside = _content(given), _ours(temporary)
    listener, sentence, results = _Listener(), "", None
    try:
        results = act(out, listener)
    except (UserError, QgsProcessingException) as error:
        sentence = str(error) if str(error) != _SEE_LOG else listener.errors[0]
    assert _content(given) == before, "the input was changed"
    assert _ours(temporary) == beside and not _ours(out), "something temporary was left"
    if case.refused:
        _assert_one_sentence(sentence, case.refused, listener)
        assert _content(out) == {}, "a run that is refused leaves no output"
        return
    assert not sentence and not listener.errors, sentence or listener.errors
    warnings = [text for text in listener.warnings if not case.warned or not re.search(case.warned, text)]
    assert not warnings, "warnings that the case does not expect"
    assert not case.warned or listener.warnings, "no warning"
    assert case.right is None or case.right(results)


def _assert_one_sentence(sentence, pattern, listener):
    assert sentence, "the input was taken"
    text = sentence[len(_PREFIX) :] if sentence.startswith(_PREFIX) else sentence
    assert re.search(pattern, text), text
    assert text.endswith(".") and len(text.splitlines()) == 1 and text.isprintable(), text
    assert not _NO_SENTENCE.search(text), text
    assert all(error == sentence for error in listener.errors), listener.errors


def _content(folder):
    """Return {relative path: what lies there} of a folder, links and irregular files included."""
    found = sorted(path for path in folder.rglob("*") if not path.name.endswith(_KEPT_BY_QGIS))
    return {str(path.relative_to(folder)): _fingerprint(path) for path in found}


def _fingerprint(path):
    known = path.lstat()
    if not stat.S_ISREG(known.st_mode):
        return stat.S_IFMT(known.st_mode)
    if known.st_size > _LARGE:
        return known.st_size, known.st_mtime_ns
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _ours(folder):
    return sorted(path.name for path in folder.rglob("*sarbridge*"))
