"""All tests of the engine's process meet the toy engine."""

import pytest

pytest.importorskip("qgis.core")

from sarbridge.tests.toy_engine import toy_engine  # noqa: E402, F401
