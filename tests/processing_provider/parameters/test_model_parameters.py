"""Which model file is taken: the shipped ones, the user's own of the same name, or a file."""

import os
import shutil
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProcessingContext
from sarbridge.contract.errors import UserError
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.models.card import read_card
from sarbridge.processing_provider import settings
from sarbridge.processing_provider.parameters.matching_model import matching_model
from sarbridge.processing_provider.parameters.model_parameters import chosen_model, model_files
from sarbridge.tests.qgis_session import ENGINE_PYTHON
from sarbridge.tests.toy_matcher import write_corr_asl
from sarbridge.tests.written_by_engine import write_by_engine

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
    cards = map(read_card, SHIPPED_MODELS.glob("*.safetensors"))
    found = model_files("match")
    assert set(found) == {card.name for card in cards if card.task == "match"}
    assert str(own_folder / "my_copy.safetensors") in found.values()


def test_all_of_several_own_models_of_one_name_are_listed(own_folder):
    """The newest has the name alone, as what was trained again does; the others tell their files."""
    name = read_card(own_folder / "my_copy.safetensors").name
    for age, called in enumerate(("a_newest", "z_oldest")):
        shutil.copy(own_folder / "my_copy.safetensors", own_folder / f"{called}.safetensors")
        os.utime(own_folder / f"{called}.safetensors", (2e9 - age, 2e9 - age))
    os.utime(own_folder / "my_copy.safetensors", (1e9, 1e9))
    found = {called: Path(path).stem for called, path in model_files("match").items() if called.startswith(name)}
    assert found == {name: "a_newest", f"{name} (z_oldest)": "z_oldest", f"{name} (my_copy)": "my_copy"}


def test_a_file_wins_over_the_list(own_folder):
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:matchtiepoints")
    context = QgsProcessingContext()
    name, path = next(iter(model_files("match").items()))
    assert chosen_model(algorithm, {"MODEL": name}, context, "match") == path
    given = {"MODEL": name, "MODEL_FILE": "/somewhere/else.safetensors"}
    assert chosen_model(algorithm, given, context, "match") == "/somewhere/else.safetensors"
    with pytest.raises(UserError, match=r"Model \(MODEL\): no model is called 'unheard of'; choose another one"):
        chosen_model(algorithm, {"MODEL": "unheard of"}, context, "match")


@pytest.mark.usefixtures("engine")
def test_automatic_is_the_first_that_holds_the_network_of_the_method(own_folder):
    """Shipped models stand first, but for the user's own of the same name."""
    algorithm = QgsApplication.processingRegistry().createAlgorithmById("sarbridge:matchtiepoints")
    context = QgsProcessingContext()
    write_by_engine(write_corr_asl, own_folder / "a_first_name.safetensors", ENGINE_PYTHON)
    own, shipped = str(own_folder / "my_copy.safetensors"), str(SHIPPED_MODELS / "corrasl_s1s2.safetensors")
    for given in ({}, {"MODEL": "auto"}, {"MODEL": ""}, {"MODEL": None}):
        for method, path in {"bridgematch": own, "corrasl": shipped, "ncc": own, "ssnet": ""}.items():
            assert matching_model(algorithm, given, context, method) == path
    named = {"MODEL": read_card(own).name}
    assert matching_model(algorithm, named, context, "corrasl") == own, "the run says that it is another network"
    assert matching_model(algorithm, {"MODEL_FILE": "/mine.safetensors"}, context, "ssnet") == "/mine.safetensors"
