"""The folder into which layers are written for the engine."""

import pytest
from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsRectangle
from sarbridge.processing_provider.inputs.export import temporary_export

pytestmark = pytest.mark.usefixtures("qgis_application")


def test_the_folder_is_gone_afterwards_whatever_happens():
    with pytest.raises(ZeroDivisionError), temporary_export(QgsProcessingContext(), QgsProcessingFeedback()) as export:
        (export.folder / "half").touch()
        raise ZeroDivisionError
    assert not export.folder.exists()


def test_new_files_have_names_of_their_own():
    areas = [(QgsRectangle(0, 0, 1, 1), None)]
    with temporary_export(QgsProcessingContext(), QgsProcessingFeedback(), areas) as export:
        names = {export.new_file(".tif") for _ in range(3)}
        assert len(names) == 3 and all(name.startswith(str(export.folder)) and name.endswith(".tif") for name in names)
        assert list(export.folder.iterdir()) == []
        assert export.areas == tuple(areas)
