"""The skeleton of reports."""

from sarbridge.contract.installation import USER_GUIDE, user_guide_url
from sarbridge.contract.report_page import page, paragraph


def test_a_report_links_to_the_chapter_that_explains_it():
    html = page("Title", "Subtitle", paragraph("Text"), chapter="coregister")
    assert f'<a href="{USER_GUIDE.as_uri()}#coregister">' in html
    assert html.index("Text") < html.index("user guide") < html.index("</main>")


def test_the_guide_opens_at_its_top_or_at_a_chapter():
    assert user_guide_url() == USER_GUIDE.as_uri()
    assert user_guide_url("matchtiepoints").endswith("/docs/user_guide.html#matchtiepoints")
