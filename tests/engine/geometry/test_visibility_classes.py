"""The three maps: which class each combination of causes gets, and shares against counts by hand."""

import itertools

import numpy as np
import pytest
from sarbridge.engine.geometry.visibility_classes import COLOURS, JOINT_MAP, LABELS, OPTICAL_MAP, SAR_MAP, Cause
from sarbridge.engine.geometry.visibility_classes import Visibility as V


def every_combination():
    bits = [cause for cause in Cause if cause != Cause.NO_DATA]
    for length in range(len(bits) + 1):
        for chosen in itertools.combinations(bits, length):
            yield set(chosen), np.array(sum(chosen), np.uint8)


def test_joint_map_of_every_combination():
    """Not visible where radar shadow or occlusion, uncertain where façade, layover or shade, else visible."""
    for causes, bits in every_combination():
        visibility = V(JOINT_MAP.of(bits))
        hidden = causes & {Cause.RADAR_SHADOW, Cause.OCCLUSION}
        if len(hidden) == 2:
            assert visibility == V.SHADOW_AND_OCCLUSION
        elif hidden:
            assert visibility.name == hidden.pop().name
        elif causes:
            assert visibility.name in {cause.name for cause in causes}
        else:
            assert visibility == V.VISIBLE


def test_cross_modal_maps_tell_what_the_other_image_lacks():
    """SAR image: façade layover and occlusion; optical image: radar shadow and façades (Hughes 2020)."""
    assert SAR_MAP.of(np.uint8(Cause.OCCLUSION)) == V.OCCLUSION
    assert SAR_MAP.of(np.uint8(Cause.OCCLUSION | Cause.FACADE_LAYOVER)) == V.OCCLUSION
    assert SAR_MAP.of(np.uint8(Cause.FACADE_LAYOVER)) == V.FACADE_LAYOVER
    assert SAR_MAP.of(np.uint8(Cause.FACADE | Cause.SUN_SHADOW)) == V.VISIBLE
    assert OPTICAL_MAP.of(np.uint8(Cause.RADAR_SHADOW | Cause.FACADE)) == V.RADAR_SHADOW
    assert OPTICAL_MAP.of(np.uint8(Cause.FACADE)) == V.FACADE
    assert OPTICAL_MAP.of(np.uint8(Cause.FACADE_LAYOVER | Cause.OTHER_LAYOVER)) == V.VISIBLE


def test_no_data_is_no_data_in_every_map():
    for each in (SAR_MAP, OPTICAL_MAP, JOINT_MAP):
        assert each.of(np.uint8(Cause.NO_DATA | Cause.OCCLUSION)) == V.NO_DATA


def test_shares_against_counts_by_hand():
    counts = np.zeros(256, int)
    counts[0] = 50
    counts[Cause.RADAR_SHADOW] = 10
    counts[Cause.OCCLUSION] = 6
    counts[Cause.RADAR_SHADOW | Cause.OCCLUSION] = 4
    counts[Cause.FACADE_LAYOVER] = 20
    counts[Cause.FACADE] = 10
    counts[Cause.NO_DATA] = 1000
    assert JOINT_MAP.shares(counts) == pytest.approx((20, 30, 50))
    assert SAR_MAP.shares(counts) == pytest.approx((100 * 6 / 86, 100 * 20 / 86, 100 * 60 / 86))
    assert OPTICAL_MAP.shares(counts) == pytest.approx((100 * 10 / 90, 100 * 10 / 90, 100 * 70 / 90))


def test_shares_of_an_image_that_shows_nothing_do_not_exist():
    counts = np.zeros(256, int)
    counts[Cause.OCCLUSION] = 7
    assert OPTICAL_MAP.shares(counts) == (None, None, None)
    assert JOINT_MAP.shares(counts) == (100, 0, 0)


def test_every_class_has_a_label_and_a_colour_of_its_own():
    classes = set(V) - {V.NO_DATA}
    assert set(LABELS) == set(COLOURS) == classes
    assert len(set(COLOURS.values())) == len(set(LABELS.values())) == len(classes)
