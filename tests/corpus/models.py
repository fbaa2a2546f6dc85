"""Model files that are none, or whose cards lie."""

from sarbridge.tests.corpus.case import Case, match


def _noise(folder):
    path = folder / "noise.safetensors"
    path.write_bytes(b"this is no model")
    return str(path)


CASES = [
    Case(
        "noise",
        lambda at: match(at, METHOD="bridgematch", MODEL_FILE=_noise(at)),
        refused="is not a SARbridge model file: it is not a safetensors file",
    ),
]
