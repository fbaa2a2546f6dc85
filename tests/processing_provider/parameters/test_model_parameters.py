"""Which model file is taken: the shipped ones, the user's own of the same name, or a file."""

import shutil

import pytest
from qgis.core import QgsApplication, QgsProcessingContext
from sarbridge.contract.errors import UserError
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.processing_provider import settings
from sarbridge.processing_provider.parameters.model_parameters import chosen_model, model_files

pytestmark = pytest.mark.usefixtures("qgis_application")


@pytest.fixture
def own_folder(monkeypatch, tmp_path):
    """The folder of the settings, with a copy of one shipped model."""
    shipped = next(SHIPPED_MODELS.glob("bridgematch*.safetensors"))
    shutil.copy(shipped, tmp_path / "my_copy.safetensors")
    monkeypatch.setattr(settings, "model_folder", lambda: str(tmp_path))
    return tmp_path


def test_shipped_models_by_the_names_on_their_cards():
    found = model_files("match")
    assert found and all(path.startswith(str(SHIPPED_MODELS)) for path in found.values())
    assert model_files("a task that no model is made for") == {}


def test_the_users_own_wins_over_a_shipped_one_of_the_same_name(own_folder):
    shipped = list(SHIPPED_MODELS.glob("bridgematch*.safetensors"))
    found = model_files("match")
    assert len(found) == len(shipped) and str(own_folder / "my_copy.safetensors") in found.values()


def test_a_file_wins_over_the_list(own_folder):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:matchtiepoints")
    context = QgsProcessingContext()
    name, path = next(iter(model_files("match").items()))
    assert chosen_model(algorithm, {"MODEL": name}, context, "match") == path
    given = {"MODEL": name, "MODEL_FILE": "/somewhere/else.safetensors"}
    assert chosen_model(algorithm, given, context, "match") == "/somewhere/else.safetensors"
    with pytest.raises(UserError, match=r"Model \(MODEL\): no model is called 'unheard of'; choose another one"):
        chosen_model(algorithm, {"MODEL": "unheard of"}, context, "match")
