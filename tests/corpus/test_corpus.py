"""Hostile input of every kind, made by scripts, through QGIS and one engine that stays warm; about 0.1 s a case."""

import tempfile

import pytest
from sarbridge.processing_provider.engine_process import engine_client
from sarbridge.tests.corpus import (
    alignments,
    building_trainings,
    buildings,
    despeckler_trainings,
    despecklings,
    extractions,
    footprints,
    match_evaluations,
    models,
    outputs,
    parameters,
    rasters,
    tie_points,
    trainings,
    translations,
)
from sarbridge.tests.corpus.judgement import judge

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")

KINDS = [
    *(models, rasters, footprints, tie_points, parameters, outputs, translations, trainings),
    *(buildings, extractions, building_trainings, alignments),
    *(despecklings, despeckler_trainings, match_evaluations),
]
CASES = [
    pytest.param(case, id=f"{kind.__name__.rpartition('.')[2]}: {case.name}") for kind in KINDS for case in kind.CASES
]


@pytest.fixture(scope="module")
def temporary(tmp_path_factory, qgis_application, engine):
    """A folder of temporary files that no other process of this machine uses."""
    folder = tmp_path_factory.mktemp("temporary")
    engine_client.shut_down()  # the next one takes over the environment
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        patch.setattr(tempfile, "tempdir", None)
        yield folder
    engine_client.shut_down()


@pytest.mark.parametrize("case", CASES)
def test_hostile_input(case, tmp_path, temporary):
    judge(case, tmp_path, temporary)


def test_there_are_many_cases_of_every_kind_and_each_has_its_name():
    assert len(CASES) >= 200
    assert all(kind.CASES for kind in KINDS)
    assert len({case.id for case in CASES}) == len(CASES)
