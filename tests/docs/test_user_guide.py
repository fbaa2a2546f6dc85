"""The user guide as a page: made from what is checked in, and every link in it leads somewhere."""

import re
from html.parser import HTMLParser

import pytest
from sarbridge.contract.installation import USER_GUIDE

pytest.importorskip("markdown")

from sarbridge.scripts.build_guide import GUIDE, guide_page  # noqa: E402


class Page(HTMLParser):
    """Takes down the ids, the links and the tags of a page."""

    def __init__(self, html):
        super().__init__()
        self.ids, self.links, self.tags = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        self.ids += [attributes["id"]] if "id" in attributes else []
        self.links += [attributes["href"]] if "href" in attributes else []


def test_the_page_is_made_from_the_guide_as_it_is():
    made = guide_page(GUIDE.read_text(encoding="utf-8"))
    assert USER_GUIDE.read_text(encoding="utf-8") == made, "run: .venv/bin/python scripts/build_guide.py"


def test_every_link_of_the_page_leads_somewhere():
    page = Page(USER_GUIDE.read_text(encoding="utf-8"))
    assert len(set(page.ids)) == len(page.ids)
    for link in page.links:
        target, _, anchor = link.partition("#")
        assert "://" in link or (USER_GUIDE.parent / target).exists(), link
        assert target or anchor in page.ids, link


def test_tables_code_and_anchors_are_html():
    page = Page(guide_page("# A\n\n## Worked example\n\n| `A_B` | c |\n|---|---|\n| d | e |\n\n```bash\nls\n```\n"))
    assert "worked-example" in page.ids
    assert {"table", "td", "pre", "code"} <= set(page.tags)
    assert not re.search(r"^\||```", USER_GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
