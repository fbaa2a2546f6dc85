"""The skeleton of reports: linked, escaped, and laid out for paper."""

import re
from datetime import datetime
from pathlib import Path

import pytest
from sarbridge.contract import report_page
from sarbridge.contract.installation import USER_GUIDE, user_guide_url
from sarbridge.contract.report_page import (
    key_figures,
    page,
    paragraph,
    picture,
    properties,
    section,
    side_by_side,
    table,
)

HOSTILE = "<script>alert('&\"')</script>"


def rules(media):
    """The rules for a medium: {selector: declarations}, and what stands outside any under ""."""
    css = Path(report_page.__file__).with_suffix(".css").read_text(encoding="utf-8")
    inner = re.search(rf"@media {media} {{(.*?)\n}}", css, re.DOTALL)[1]
    return {selector.strip(): body for selector, body in re.findall(r"([^{}]+){([^{}]*)}", inner)}, css


def test_paper_is_a4_with_margins():
    assert re.search(r"@page {[^}]*size: A4;[^}]*margin:", rules("print")[1])


def test_pictures_rows_and_boxes_are_not_torn_apart_on_paper():
    printed, _ = rules("print")
    unbroken = {
        each.strip() for key, body in printed.items() if "break-inside: avoid" in body for each in key.split(",")
    }
    assert unbroken >= {"p", "figure", "tr", ".key", ".beside"}


def test_headings_stay_with_what_they_introduce():
    printed, _ = rules("print")
    kept = {each.strip() for key, body in printed.items() if "break-after: avoid" in body for each in key.split(",")}
    assert kept >= {"h2", "h2 + p", "thead", "tbody tr:first-child"}


def test_pictures_leave_room_for_what_stands_beside_them_on_a_page_of_paper():
    """A page has 269 mm: one holds title, figures and a picture, one four rows of small pictures with captions."""
    printed, _ = rules("print")
    tallest, small = (int(re.search(r"max-height: (\d+)mm", printed[key])[1]) for key in ("img", ".small img"))
    assert tallest <= 150 and 4 * (small + 13) <= 240


def test_no_table_is_wider_than_paper_for_the_sake_of_its_header():
    """What is wider makes browsers shrink the whole page."""
    assert "thead .number { white-space: normal; }" in rules("print")[1]


def test_the_narrow_layout_is_for_screens_only():
    """A4 without its margins is narrower than a narrow screen."""
    assert "@media (max-width" not in rules("print")[1]


@pytest.mark.parametrize(
    "html",
    [
        section(HOSTILE),
        paragraph(HOSTILE),
        key_figures([(HOSTILE, HOSTILE, HOSTILE)]),
        table((HOSTILE,), [(HOSTILE,)]),
        properties({HOSTILE: HOSTILE}),
        side_by_side(picture(b"", HOSTILE, HOSTILE), small=True),
        page(HOSTILE, HOSTILE, chapter="coregister"),
    ],
)
def test_text_is_escaped_wherever_it_stands(html):
    assert "<script" not in html and "&lt;script" in html and "\"')" not in html


def test_a_report_links_to_the_chapter_that_explains_it():
    html = page("Title", "Subtitle", paragraph("Text"), chapter="coregister")
    assert f'<a href="{USER_GUIDE.as_uri()}#coregister">' in html
    assert f"<p>Subtitle, {datetime.now():%d %B %Y}, " in html
    assert html.index("Text") < html.index("user guide") < html.index("</main>")


def test_the_guide_opens_at_its_top_or_at_a_chapter():
    assert user_guide_url() == USER_GUIDE.as_uri()
    assert user_guide_url("matchtiepoints").endswith("/docs/user_guide.html#matchtiepoints")
