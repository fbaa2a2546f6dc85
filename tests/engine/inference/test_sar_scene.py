"""What is said of SAR bands before networks see them."""

import numpy as np
import pytest
from sarbridge.contract.errors import UserError
from sarbridge.engine.geometry.surface_model import surface_grid
from sarbridge.engine.inference.sar_scene import SarTaker, sar_scales, sar_scene
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.translation.sar_images import backscatter, write_sar
from sarbridge.tests.model_cards import card_with

VV, VH = backscatter(64, 64, 1), backscatter(64, 64, 2) - 7
GREYS = np.rint(6 * (VV + 30)).clip(1, 255)


def warnings_of(source, unit="auto"):
    reporter = KeptReports()
    sar_scales(source, unit, surface_grid(source), reporter)
    return reporter.texts["warning"]


def test_hundredths_of_decibels_are_refused_with_what_helps(tmp_path):
    source = write_sar(tmp_path / "sar.tif", 100 * VV, dtype="int16")
    with pytest.raises(
        UserError, match="cannot hold decibels, as .*: divide tenths or hundredths of decibels by 10 or"
    ):
        warnings_of(source)


@pytest.mark.parametrize("filler", [-9999, -300.0])
def test_decibels_with_a_filler_that_is_not_declared_are_refused(filler, tmp_path):
    """Few of them would flatten the contrast of everything else; -300 dB is made of power 0 plus 1e-30."""
    filled = np.where(np.arange(64) < 2, filler, VV)
    with pytest.raises(UserError, match=f"as {filler:g} is the value of many of its pixels: declare it as no data"):
        warnings_of(write_sar(tmp_path / "sar.tif", filled))
    assert not warnings_of(write_sar(tmp_path / "declared.tif", filled, nodata=filler))


@pytest.mark.parametrize(("bands", "sentence"), [
    ((VV, 10 ** (VH / 10)), "differ in unit: band 1 holds decibels, and band 2 no negative value"),
    ((10 ** (VV / 10), VH), "differ in unit: band 2 holds decibels, and band 1 no negative value"),
    ((10 ** (VV / 10) - 0.01, VH), "cannot hold linear power, as most of its values are negative"),
    ((VV, 100 * VH), "cannot hold decibels, .*: divide tenths or hundredths"),
])  # fmt: skip
def test_bands_of_two_units_are_refused(bands, sentence, tmp_path):
    with pytest.raises(UserError, match=sentence):
        warnings_of(write_sar(tmp_path / "sar.tif", *bands))


def test_a_unit_that_was_chosen_is_that_of_all_bands(tmp_path):
    assert not warnings_of(write_sar(tmp_path / "sar.tif", VV, 10 ** (VH / 10)), "db")


@pytest.mark.parametrize(("values", "dtype"), [(VV, "float32"), (GREYS, "uint8")])
def test_zeros_that_are_hardly_image_are_told(values, dtype, tmp_path):
    bordered = np.where(np.arange(64) < 8, 0, values)
    assert not warnings_of(write_sar(tmp_path / "whole.tif", values, dtype=dtype))
    assert not warnings_of(write_sar(tmp_path / "declared.tif", bordered, dtype=dtype, nodata=0))
    [told] = warnings_of(write_sar(tmp_path / "sar.tif", bordered, dtype=dtype))
    assert told.startswith("12 % of the pixels of layer 'sar' are exactly 0 and count as image")


def test_zeros_are_counted_where_nothing_else_is(tmp_path):
    """Black beyond a swath fills whole windows of the sample."""
    half = np.where(np.arange(512) < 256, backscatter(512, 512, 1), 0)
    [told] = warnings_of(write_sar(tmp_path / "sar.tif", half))
    assert told.startswith("50 % of the pixels of layer 'sar' are exactly 0")


@pytest.mark.parametrize(("values", "dtype"), [(VV, "float32"), (GREYS, "uint8")])
def test_doubted_zeros_do_not_change_what_is_bright(values, dtype, tmp_path):
    bordered = np.where(np.arange(64) < 24, 0, values)
    scales = []
    for name, nodata in (("sar", None), ("declared", 0)):
        source = write_sar(tmp_path / f"{name}.tif", bordered, dtype=dtype, nodata=nodata)
        scales += sar_scales(source, "auto", surface_grid(source), KeptReports())[1]
    assert scales[0] == scales[1]


def test_zeros_of_one_band_are_told(tmp_path):
    assert warnings_of(write_sar(tmp_path / "sar.tif", VV, np.where(np.arange(64) < 8, 0, VH)))


def test_zeros_of_linear_power_are_no_data_and_nothing_is_said(tmp_path):
    assert not warnings_of(write_sar(tmp_path / "sar.tif", np.where(np.arange(64) < 8, 0, 10 ** (VV / 10))))


def test_a_polarisation_that_the_model_never_saw_is_warned_of(tmp_path):
    inputs = {"sar": {"bands": 1, "unit": "dB", "range": None, "polarisations": ["VV"]}}
    card, source = card_with(task="translate", inputs=inputs), write_sar(tmp_path / "sar.tif", VV)
    for polarisation, count in (("VV", 0), ("", 0), ("VH", 1)):
        taker, reporter = SarTaker(card, any_bands=True, doubt="the colours can be wrong"), KeptReports()
        sar_scene(source, (polarisation,), "auto", taker, surface_grid(source), reporter)
        assert len(reporter.texts["warning"]) == count
    assert "has learnt from VV, and layer 'sar' shows VH: the colours can be wrong." in reporter.texts["warning"][0]


def test_what_is_calm_here_and_rough_there_is_no_radar_image(tmp_path):
    generator = np.random.default_rng(0)
    town = generator.normal(size=(256, 256)) * np.where(np.arange(256) < 128, 0.5, 25)
    [told] = warnings_of(write_sar(tmp_path / "photo.tif", (90 + town).clip(1, 255), dtype="uint8"))
    assert told.startswith("Layer 'photo' is calm in some places and rough in others, as optical images are")
    bright = backscatter(256, 256) + 12 * (np.arange(256) > 128)
    assert not warnings_of(write_sar(tmp_path / "sar.tif", bright))
    assert not warnings_of(write_sar(tmp_path / "grey.tif", np.rint(3 * (bright + 30)).clip(1, 255), dtype="uint8"))


def test_power_below_none_does_not_decide_on_contrast(tmp_path):
    """Of a product whose noise was subtracted: over water a part of the pixels is negative, and no decibels are."""
    power = 10 ** (VV / 10)
    noisy = np.where(np.arange(64) < 8, np.random.default_rng(3).normal(0, 1e-3, VV.shape), power)
    _, (whole,) = sar_scales(write_sar(tmp_path / "a.tif", power), "power", *_grid_and_reporter(tmp_path / "a.tif"))
    _, (found,) = sar_scales(write_sar(tmp_path / "b.tif", noisy), "power", *_grid_and_reporter(tmp_path / "b.tif"))
    assert found.deviation < 3 * whole.deviation, "it was five times as large and more"


def _grid_and_reporter(path):
    return surface_grid(write_sar(path, 10 ** (VV / 10))), KeptReports()
