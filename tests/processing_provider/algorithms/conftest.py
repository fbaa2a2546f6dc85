"""What several algorithms are tried on."""

import pytest

pytest.importorskip("qgis.core")

from sarbridge.tests.image_pair import pair  # noqa: E402, F401
