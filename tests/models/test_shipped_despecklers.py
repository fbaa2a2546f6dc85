"""The despecklers that ship, on real images that they were not taught."""

import shutil

import pytest
from sarbridge.contract.despeckling_jobs import DespeckleJob
from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.despeckling import despeckle
from sarbridge.engine.despeckling.methods import NETWORK
from sarbridge.engine.reporting import NullReporter
from sarbridge.models.card import list_models

FILES = {path.stem: (path, card) for path, card in list_models([SHIPPED_MODELS], NETWORK)}


def numbers_of(folder, image, model, crs=""):
    path = folder / image.name
    shutil.copy(image, path)
    source = RasterSource(image.stem, str(path), crs, anywhere=not crs)
    job = DespeckleJob(source, str(folder / "clean.tif"), model=str(FILES[model][0]))
    return despeckle.run(job, NullReporter())["numbers"]


def test_there_is_one_for_each_kind_of_image_and_they_are_small():
    assert set(FILES) == {"merlin_s1_iw_slc", "merlin_stripmap", "merlin_spotlight", "bridgeclear"}
    assert sum(path.stat().st_size for path, _ in FILES.values()) < 6e6


@pytest.mark.parametrize("model", FILES)
def test_cards_say_that_places_were_better_after(model):
    validation = FILES[model][1].validation
    assert validation
    for measures in validation.values():
        assert measures["psnr"] > measures["psnr_before"] + 3


@pytest.mark.parametrize(
    ("image", "model", "looks"),
    [
        ("envisat_480x480.tif", "merlin_s1_iw_slc", 20),
        ("uavsar_winnipeg.tif", "merlin_stripmap", 60),
        ("uavsar_winnipeg.tif", "merlin_spotlight", 60),
    ],
)
def test_real_complex_images(tmp_path, real_data, image, model, looks):
    found = numbers_of(tmp_path, real_data / "slc" / image, model)
    assert found["ENL_AFTER"] > looks > 10 * found["ENL_BEFORE"]
    assert found["RATIO_MEAN"] == pytest.approx(1, abs=0.02)
    assert 0.7 < found["RATIO_VARIANCE"] < 1.1


def test_a_real_detected_image(tmp_path, real_data):
    found = numbers_of(tmp_path, real_data / "s1s2_los_angeles" / "sar" / "168.tif", "bridgeclear", "EPSG:3395")
    assert found["ENL_AFTER"] > 2 * found["ENL_BEFORE"]
    assert found["RATIO_MEAN"] == pytest.approx(1, abs=0.02)
