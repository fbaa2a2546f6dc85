"""Thresholds in force: what the user chose, or the operating point of the card."""

import pytest
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.matching.acceptance import goodness_threshold, largest_sigma, orn_threshold
from sarbridge.models.card import read_card
from sarbridge.tests.tiny_bundle import write_tiny_bundle

SOURCES = (RasterSource("Radar", "sar.tif", "EPSG:32633"), RasterSource("Colours", "optical.tif", "EPSG:32633"))


@pytest.fixture
def card(tmp_path):
    card = read_card(write_tiny_bundle(tmp_path / "tiny.safetensors"))
    card.operating_point.update(goodness_threshold=0.25, orn_threshold=0.75)
    return card


def job(**settings):
    return MatchTiePointsJob(*SOURCES, model="tiny.safetensors", **settings)


def test_below_zero_means_the_operating_point(card):
    asked = job(candidates="goodness_min", goodness_threshold=-1.0, orn_threshold=-1.0)
    assert (goodness_threshold(asked, card), orn_threshold(asked, card)) == (0.25, 0.75)


def test_the_users_choice_wins_even_when_it_is_zero(card):
    asked = job(candidates="goodness_min", goodness_threshold=0.0, orn_threshold=0.5)
    assert (goodness_threshold(asked, card), orn_threshold(asked, card)) == (0.0, 0.5)


def test_what_no_network_tests_has_no_threshold(card):
    assert goodness_threshold(job(candidates="grid", goodness_threshold=0.5), card) is None
    assert orn_threshold(job(method="ncc", orn_threshold=0.5), card) is None


def test_without_a_choice_and_without_a_card_there_is_none(card):
    assert goodness_threshold(job(candidates="goodness_min"), None) is None and orn_threshold(job(), None) is None
    card.operating_point.clear()
    assert goodness_threshold(job(candidates="goodness_min"), card) is None and orn_threshold(job(), card) is None


def test_where_errors_are_predicted_scores_are_tested_for_who_asks(card):
    card.networks["match_error"] = {"class": "MatchErrorNet", "arguments": {}}
    card.operating_point["largest_sigma"] = 1.5
    assert (orn_threshold(job(), card), largest_sigma(job(), card)) == (None, 1.5)
    asked = job(orn_threshold=0.5, largest_sigma=0.75)
    assert (orn_threshold(asked, card), largest_sigma(asked, card)) == (0.5, 0.75)
    assert largest_sigma(job(largest_sigma=0.0), card) == 0.0, "which rejects all, as the user says"
    assert largest_sigma(job(method="ncc", largest_sigma=0.75), card) is None


def test_a_model_that_predicts_no_errors_has_no_largest_one(card):
    assert largest_sigma(job(), card) is None and largest_sigma(job(largest_sigma=1.0), None) is None
