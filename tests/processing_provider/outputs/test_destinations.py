"""Outputs of a run: those that are wanted, under temporary names until all are complete."""

import os
from pathlib import Path

import pytest
from qgis.core import QgsApplication, QgsProcessingContext
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.outputs.destinations import GEOTIFF, HTML, destinations, finished_outputs
from sarbridge.processing_provider.outputs.number_outputs import existing_numbers

pytestmark = pytest.mark.usefixtures("qgis_application")

SUFFIXES = {"OUTPUT": GEOTIFF, "REPORT": HTML}


@pytest.fixture
def algorithm():
    return QgsApplication.processingRegistry().createAlgorithmById("sarbridge:jointvisibility")


@pytest.fixture
def wanted(out):
    return {"OUTPUT": str(out / "map.tif"), "REPORT": str(out / "page.html")}


def test_what_is_not_wanted_is_left_out(algorithm, wanted):
    context = QgsProcessingContext()
    assert destinations(algorithm, wanted, context, SUFFIXES) == wanted
    del wanted["REPORT"]
    assert destinations(algorithm, wanted, context, SUFFIXES) == wanted


@pytest.mark.parametrize(
    "key, path, cause",
    [
        ("REPORT", "page.pdf", "a format that is not supported here: give a file name that ends in .html or .htm"),
        ("OUTPUT", "nowhere/map.tif", "does not exist: create it or choose another one"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is(algorithm, wanted, out, key, path, cause):
    wanted[key] = str(out / path)
    with (
        pytest.raises(UserError, match=rf" \({key}\): .*{cause}"),
        finished_outputs(algorithm, wanted, QgsProcessingContext(), SUFFIXES),
    ):
        pytest.fail("the block was entered")
    assert list(out.iterdir()) == []


def test_what_is_write_protected_is_not_replaced(algorithm, wanted, out, monkeypatch):
    (out / "map.tif").write_text("mine")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != out / "map.tif")  # as for everybody but root
    with pytest.raises(UserError, match=r"\(OUTPUT\): the file .*map.tif is write-protected: choose another one"):
        destinations(algorithm, wanted, QgsProcessingContext(), SUFFIXES)


def test_all_appear_when_the_block_ends(algorithm, wanted, out):
    with finished_outputs(algorithm, wanted, QgsProcessingContext(), SUFFIXES) as (new, paths):
        assert paths == wanted and new.keys() == wanted.keys()
        for key, path in new.items():
            assert Path(path).suffix == Path(paths[key]).suffix
            Path(path).write_text(key)
        assert not any(Path(path).exists() for path in paths.values())
    assert {key: Path(path).read_text() for key, path in wanted.items()} == {"OUTPUT": "OUTPUT", "REPORT": "REPORT"}
    assert len(list(out.iterdir())) == 2


def test_none_appears_when_it_fails(algorithm, wanted, out):
    with (
        pytest.raises(ZeroDivisionError),
        finished_outputs(algorithm, wanted, QgsProcessingContext(), SUFFIXES) as (new, _),
    ):
        Path(new["OUTPUT"]).write_text("half")
        raise ZeroDivisionError
    assert list(out.iterdir()) == []


def test_numbers_that_do_not_exist_are_left_out():
    assert existing_numbers({"A": 0.0, "B": None, "C": 3}) == {"A": 0.0, "C": 3}


def test_dialogs_ask_for_reports_and_commands_get_one_when_they_do(algorithm, wanted):
    provider = QgsApplication.processingRegistry().providerById("sarbridge")
    reports = [
        each
        for one in provider.algorithms()
        for each in one.destinationParameterDefinitions()
        if each.defaultFileExtension() == "html"
    ]
    assert len(reports) >= 4 and all(each.createByDefault() for each in reports)
    del wanted["REPORT"]
    assert "REPORT" not in destinations(algorithm, wanted, QgsProcessingContext(), SUFFIXES)
