"""The engine for the tests of this folder."""

from sarbridge.tests.qgis_session import engine  # noqa: F401
