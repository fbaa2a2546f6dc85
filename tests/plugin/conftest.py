"""QGIS for the tests of this folder."""

from sarbridge.tests.qgis_session import engine, qgis_application  # noqa: F401
