"""What is said of the spectra of complex layers, simulated and real."""

import warnings

import numpy as np
import pytest
import rasterio
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.despeckling.spectrum import centring
from sarbridge.engine.despeckling.survey import survey
from sarbridge.engine.rasters.complex_reader import ComplexReader
from sarbridge.engine.rasters.grid import Grid
from sarbridge.tests.engine.despeckling.simulated_slc import WIDTH, bursts, shifted, simulated, surveyed
from sarbridge.tests.engine.rasters.test_grid_reader import UTM31


def test_the_sentence_has_the_frequencies(tmp_path):
    sentence = surveyed(tmp_path, shifted(simulated(), 0.12, -0.31)).found("slc")
    assert "layer 'slc' was off centre, 0.12 across and -0.31 down the image" in sentence
    assert " % of the sampling frequency across" in sentence
    steered = surveyed(tmp_path, shifted(simulated(), down=bursts(480))).found("slc")
    assert "0.00 across and all frequencies one after the other down" in steered
    assert "layer 'slc' is in the middle" in surveyed(tmp_path, simulated()).found("slc")


def test_a_lopsided_spectrum_is_doubted(tmp_path):
    spectrum = np.fft.fft2(simulated()[0] / np.abs(simulated()[0]))
    frequencies = np.fft.fftfreq(WIDTH)
    lopsided = np.fft.ifft2(spectrum * (1 + 4 * np.exp(-(((frequencies + 0.25) / 0.05) ** 2))))
    found = surveyed(tmp_path, lopsided[None].astype(np.complex64))
    assert found.after.correlation > 0.1
    assert "still correlated by" in found.doubts("slc")[0]


def test_what_is_no_single_look_is_doubted(tmp_path):
    samples = simulated()
    looks = np.mean([np.abs(simulated(seed=seed)) ** 2 for seed in range(4)], 0)
    cases = {
        "stored as complex": np.abs(samples).astype(np.complex64),
        "smoother than speckle": np.sqrt(looks) * samples / np.abs(samples),
        "as if one had 4.": samples.real + 0.5j * samples.imag,
    }
    for sentence, image in cases.items():
        (doubt,) = surveyed(tmp_path, image.astype(np.complex64)).doubts("slc")
        assert sentence in doubt


@pytest.mark.parametrize("shape", [(1, 2, 2), (1, 3, 40), (1, 64, 5), (1, 40, 9), (1, 17, 17)])
def test_small_images_and_empty_ones(tmp_path, shape):
    rng = np.random.default_rng(0)
    found = surveyed(tmp_path, (rng.normal(size=shape) + 1j * rng.normal(size=shape)).astype(np.complex64))
    assert found.before.blocks and np.isfinite(found.centring.down.frequencies).all()
    empty = surveyed(tmp_path, np.zeros(shape, np.complex64))
    assert empty.centring.is_identity and empty.before.blocks == 0 and not empty.doubts("slc")
    assert empty.before.known_correlation is None and found.before.known_correlation == found.before.correlation
    assert "no data" in empty.found("slc")


REAL = {  # of what is known of the sensors: Doppler centroids of Envisat and Sentinel-1 are off, Capella's is white
    "amsterdam_s1_slc_20230319.tif": (0.2, 0.08),
    "amsterdam_s1_slc_20230331.tif": (0.2, 0.08),
    "envisat_480x480.tif": (0.4, 0.05),
    "uavsar_winnipeg.tif": (0.06, 0.06),
}


def real(folder, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
        with rasterio.open(folder / "slc" / name) as dataset:
            crs = dataset.crs.to_wkt() if dataset.crs else ""
            grid = Grid(crs, dataset.transform, dataset.width, dataset.height)
    return RasterSource(name, str(folder / "slc" / name), crs or UTM31), grid


@pytest.mark.parametrize("name", REAL)
def test_real_images_are_centred(real_data, name):
    found = survey(*real(real_data, name))
    before, after = REAL[name]
    assert found.before.correlation > before and found.after.correlation < after and not found.doubts(name)


@pytest.mark.parametrize("polarisation", ["hh", "hv", "vh", "vv"])
def test_real_images_without_correlation_stay_as_they_are(real_data, polarisation):
    found = survey(*real(real_data, f"rotterdam_capella_x_{polarisation}_c64.tif"))
    assert found.centring.is_identity and found.after.correlation < 0.05 and not found.doubts("")


def test_a_real_lopsided_spectrum_is_doubted(real_data):
    (doubt,) = survey(*real(real_data, "uavsar_SanAnd_138.tif")).doubts("uavsar")
    assert "still correlated by 0." in doubt


def test_steep_ramps_of_sentinel1_are_followed(real_data):
    """Bursts of interferometric wide swaths: 5 kHz in 3 s, which is 0.005 of the sampling frequency a line."""
    source, grid = real(real_data, "amsterdam_s1_slc_20230319.tif")
    with ComplexReader(source, grid) as reader:
        frequencies = centring(reader).down.frequencies
    slope = np.polyfit(np.arange(10, 73), frequencies[10:73], 1)[0]
    assert 0.004 < abs(slope) < 0.0075
