"""The colours of the styles: classes that all eyes tell apart, on light and on dark ground."""

import xml.etree.ElementTree as ET

import pytest
from sarbridge.contract.footprint_lines import SCORE_COLOURS
from sarbridge.contract.installation import PLUGIN_FOLDER
from sarbridge.contract.tie_points import REJECTED_COLOUR, SCORE_CLASSES, SHIFT_COLOUR, SIGMA_CLASSES
from sarbridge.tests.colour_vision import VISIONS, ciede2000, closest

LEAST_DIFFERENCE = 15
"""CIEDE2000 between any two classes of a style, and between a class and white or black."""

LONGEST_LABEL = 30
"""Characters that the panel of layers shows at its usual width."""

WHITE, BLACK = "#ffffff", "#000000"


def style(name):
    return ET.parse(PLUGIN_FOLDER / "plugin" / "styles" / f"{name}.qml").getroot()


def palette(name):
    """The colours of a raster's classes that are drawn."""
    entries = [*style(name).iter("paletteEntry"), *style(name).iter("item")]
    return [each.get("color") for each in entries if each.get("alpha") != "0"]


def symbol_colours(name):
    """The colours of a vector layer's symbols, by the symbol's name; of the topmost layer of each."""
    colours = {}
    for symbol in style(name).findall("renderer-v2/symbols/symbol"):
        *_, colour = [option.get("value") for option in symbol.iter("Option") if option.get("name") == "color"]
        colours[symbol.get("name")] = "#{:02x}{:02x}{:02x}".format(*map(int, colour.split(",")[:3]))
    return colours


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", ["joint_visibility", "distortion_zones", "layover_count", "building_mask"])
def test_all_eyes_tell_the_classes_of_a_map_apart_from_each_other_and_from_white_and_black(name, vision):
    assert closest([*palette(name), WHITE, BLACK], vision)[0] >= LEAST_DIFFERENCE


@pytest.mark.parametrize("vision", VISIONS)
def test_all_eyes_tell_scores_rejected_points_vectors_and_a_white_ground_apart(vision):
    points = {*symbol_colours("tie_points").values()}  # errors and scores share theirs
    assert closest([*points, SHIFT_COLOUR, WHITE], vision)[0] >= LEAST_DIFFERENCE


@pytest.mark.parametrize("vision", VISIONS)
@pytest.mark.parametrize("name", ["buildings", "footprints", "shift_vectors", "patches"])
def test_all_eyes_tell_the_classes_of_a_vector_layer_apart(name, vision):
    assert closest([*symbol_colours(name).values(), WHITE], vision)[0] >= LEAST_DIFFERENCE


@pytest.mark.parametrize("name", ["tie_points", "shift_vectors", "cells"])
def test_every_marker_and_arrow_is_cased_in_white_for_dark_ground(name):
    for symbol in style(name).findall("renderer-v2/symbols/symbol"):
        outlines = [each.get("value") for each in symbol.iter("Option") if each.get("name") == "outline_color"]
        assert "255,255,255,255" in outlines


def test_styles_and_reports_colour_tie_points_alike():
    colours = symbol_colours("tie_points")
    classes = [*SIGMA_CLASSES.values(), *SCORE_CLASSES.values(), REJECTED_COLOUR]
    assert colours == {str(place): colour for place, colour in enumerate(classes)}
    assert symbol_colours("shift_vectors") == {"0": SHIFT_COLOUR, "1": REJECTED_COLOUR}
    rules = [rule.get("filter") for rule in style("tie_points").iter("rule") if rule.get("symbol")]
    assert rules == [
        *_between("sigma_px", SIGMA_CLASSES),
        *_between("score", SCORE_CLASSES, " OR {} IS NULL"),
        'NOT "accepted"',
    ]


def _between(field, classes, unknown=""):
    """The filters of classes, by the lowest value of each; the lowest may hold what is unknown."""
    name, bounds = f'"{field}"', [*classes][1:]
    between = [f"{name} >= {low:g} AND {name} < {high:g}" for low, high in zip(bounds, bounds[1:])]
    return [f"{name} < {bounds[0]:g}{unknown.format(name)}", *between, f"{name} >= {bounds[-1]:g}"]


def test_the_best_points_have_one_colour_whether_errors_or_scores_tell():
    assert [*SIGMA_CLASSES.values()] == [*SCORE_CLASSES.values()][::-1]


@pytest.mark.parametrize(
    "name", ["distortion_zones", "joint_visibility", "layover_count", "tie_points", "buildings", "patches"]
)
def test_labels_are_short_enough_for_the_panel_of_layers(name):
    labels = [each.get("label") for each in style(name).iter() if each.get("label")]
    assert max(map(len, labels)) <= LONGEST_LABEL


def test_the_cells_have_the_colours_of_the_joint_map():
    entries = style("joint_visibility").iter("paletteEntry")
    assert symbol_colours("cells") == {each.get("value"): each.get("color") for each in entries}


def test_colour_differences_are_those_of_the_published_table():
    """Sharma, Wu and Dalal 2005, table 1, pairs 1, 7, 17 and 24."""
    for one, other, published in (
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, 0, 0), (50, -1, 2), 2.3669),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((50, 2.5, 0), (50, 3.2592, 0.3350), 1.0000),
    ):
        assert ciede2000(one, other) == pytest.approx(published, abs=1e-4)


def test_footprints_have_the_colours_of_the_report():
    colours = symbol_colours("footprints")
    assert [colours[str(place)] for place in range(len(SCORE_COLOURS))] == [*SCORE_COLOURS.values()]
    lowest = [float(each.get("lower")) for each in style("footprints").iter("range")]
    assert lowest == [*SCORE_COLOURS]
