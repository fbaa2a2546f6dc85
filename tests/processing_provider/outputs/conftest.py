"""What outputs are written from."""

import pytest

pytest.importorskip("qgis.core")

from sarbridge.tests.image_pair import pair  # noqa: E402, F401
