"""The page that a despeckling gives: what is on it for which layer."""

import re

import numpy as np
import pytest
from sarbridge.contract.despeckling_jobs import DespeckleJob
from sarbridge.engine.despeckling import despeckle
from sarbridge.engine.despeckling.despeckling_figures import gamma_density, power_limits
from sarbridge.tests.engine.despeckling.simulated_slc import simulated
from sarbridge.tests.engine.despeckling.simulated_speckle import intensity
from sarbridge.tests.engine.geometry.surfaces import KeptReports
from sarbridge.tests.engine.rasters.placed_images import POINTS, ROTATED, write_anywhere
from sarbridge.tests.toy_despeckler import write_despeckler

pytestmark = pytest.mark.usefixtures("one_thread")


def page(source, out, **entries):
    entries = {"method": "boxcar", **entries}
    job = DespeckleJob(source, str(out / "clean.tif"), report=str(out / "report.html"), device="cpu", **entries)
    numbers = despeckle.run(job, KeptReports())["numbers"]
    return (out / "report.html").read_text(encoding="utf-8"), numbers


def captions(text):
    return re.findall("<figcaption>(.*?)</figcaption>", text)


def test_a_small_layer_is_shown_as_a_whole(tmp_path, out):
    image = intensity(np.full((200, 200), 3.0), looks=4.0)[None]
    text, numbers = page(write_anywhere(tmp_path / "sar.tif", image, ROTATED), out)
    assert captions(text) == [
        "The whole image, before.",
        "The whole image, after.",
        "The whole image: ratio.",
        "How often which ratio occurs.",
    ]
    assert f"{numbers['ENL_BEFORE']:.1f} → {numbers['ENL_AFTER']:.1f}" in text
    assert f"{numbers['RATIO_MEAN']:.3f}" in text and "that are framed in" in text
    assert "mean of 7 × 7 pixels" in text and "200 × 200 of 10 m" in text
    assert "Spectrum" not in text and "src=" in text and "http" not in text.split("<footer>")[0]


def test_a_large_layer_is_reduced_and_has_places(tmp_path, out):
    power = np.ones((600, 1000))
    power[300:500:4, 700:900:4] = 1e3
    text, _ = page(write_anywhere(tmp_path / "sar.tif", intensity(power)[None], points=POINTS), out, sar_unit="power")
    names = captions(text)
    assert names[0] == "The whole image (means of 2 × 2 pixels), before." and len(names) == 10
    assert "Where most is to be seen, every pixel: ratio." in names
    assert "The most homogeneous ground, every pixel, before." in names
    assert "600, in radar geometry" in text


def test_all_bands_have_their_measures(tmp_path, out):
    bands = np.stack([intensity(np.ones((200, 200)), seed=seed) for seed in range(3)])
    text, _ = page(write_anywhere(tmp_path / "sar.tif", bands), out, sar_unit="power")
    assert text.count("<td>this image</td>") == text.count("<td>pure speckle</td>") == 3


def test_models_and_what_is_doubted_of_complex_layers(tmp_path, out):
    model = write_despeckler(tmp_path / "toy.safetensors", validation={"Simulated": {"psnr": 21.5}})
    samples = simulated(height=256, width=256)
    lopsided = (samples.real + 0.5j * samples.imag).astype(np.complex64)
    text, numbers = page(write_anywhere(tmp_path / "slc.tif", lopsided), out, method="model", model=model)
    assert 'class="notice">Real and imaginary parts of layer &#x27;slc&#x27; are not alike' in text
    assert "It fills" in text and "Toy despeckler" in text and "21.5" in text
    assert numbers["CORRELATION_AFTER"] is not None


def test_the_density_of_speckle_is_one():
    ratios = np.linspace(1e-4, 40, 400_000)
    for looks in (1.0, 4.4, 60.0):
        density = gamma_density(ratios, looks)
        assert np.trapezoid(density, ratios) == pytest.approx(1, abs=1e-3)
        assert np.trapezoid(density * ratios, ratios) == pytest.approx(1, abs=1e-3)


def test_scales_of_images_of_which_little_is_known():
    nothing, one = np.full((4, 4), np.nan), np.full((4, 4), 10.0)
    assert power_limits(nothing, nothing) == (0, 1)
    low, high = power_limits(one, one)
    assert low < 10 <= high
