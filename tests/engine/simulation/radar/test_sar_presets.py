"""The presets, against what the documents of the sensors say elsewhere, and those that the job names."""

import math

import pytest
from sarbridge.contract import simulation_jobs as jobs
from sarbridge.engine.simulation.radar.sar_presets import (
    SAR_PRESETS,
    SENTINEL1_IW_GRD,
    SENTINEL1_IW_SLC,
    TERRASARX_STRIPMAP,
    XBAND_HALF_METRE,
    Sampling,
)

LIGHT = 299_792_458.0


@pytest.mark.parametrize(
    ("preset", "bandwidth", "rate"),
    [(SENTINEL1_IW_SLC, 48.3e6, 64.35e6), (TERRASARX_STRIPMAP, 150e6, 164.83e6)],
)
def test_range_axis_follows_from_chirp_and_sampling(preset, bandwidth, rate):
    """Processed bandwidth of the middle swath and sampling rate, from the annotations of the products."""
    assert preset.range.bandwidth == pytest.approx(2 * bandwidth / LIGHT, rel=0.03)
    assert preset.range.spacing == pytest.approx(LIGHT / (2 * rate), rel=0.02)


def test_no_axis_is_undersampled():
    for preset in (SENTINEL1_IW_GRD, SENTINEL1_IW_SLC, TERRASARX_STRIPMAP, XBAND_HALF_METRE):
        for sampling in (preset.range, preset.azimuth):
            assert sampling.bandwidth * sampling.spacing <= 1


def test_windows_known_widths():
    """0.886 without a window, 1.30 for Hamming's (Harris 1978, table 1: 3 dB bandwidths 0.89 and 1.30 bins)."""
    assert Sampling(1, 1, 1).bandwidth == pytest.approx(0.886, abs=0.001)
    assert Sampling(1, 1, 0.54).bandwidth == pytest.approx(1.303, abs=0.002)


def test_detected_products_are_even_on_the_ground():
    angle = math.radians(38)
    assert SENTINEL1_IW_GRD.slant(angle).spacing / math.sin(angle) == pytest.approx(10)
    assert SENTINEL1_IW_SLC.slant(angle) == SENTINEL1_IW_SLC.range


def test_the_job_names_all_radars():
    assert set(jobs.SAR_PRESETS) == set(SAR_PRESETS)
