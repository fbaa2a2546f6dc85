"""The skeleton of a report: one self-contained HTML page, legible on screen and on paper.

Text given to these functions is escaped, and secrets in it are masked, here and nowhere else, except the `html`
arguments, which are results of other functions of this module.
"""

import base64
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Optional

from .installation import user_guide_url
from .secrets import without_secrets

NOT_DEFINED = "–"
"""What a page shows for a number that does not exist."""

_HOW_TO_READ = "How to read this page: user guide"
_ELSEWHERE = "; on a computer other than the one that wrote it: Plugins ▸ SARbridge ▸ User guide in QGIS."

_STYLE = (Path(__file__).parent / "report_page.css").read_text(encoding="utf-8")


def _shown(text):
    return escape(without_secrets(text))


def page(title: str, subtitle: str, *html: str, chapter: str) -> str:
    """Return the whole page as HTML text; `chapter` of the user guide, an algorithm's id, explains it.

    Below the title stands the subtitle, where there is one, and when the page was made.
    """
    made = f"{datetime.now().astimezone():%d %B %Y, %H:%M %Z}"
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{_shown(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<header>\n<h1>{_shown(title)}</h1>\n<p>{_shown(', '.join(filter(None, (subtitle, made))))}</p>\n</header>\n"
        f'{"".join(html)}<footer><p><a href="{_shown(user_guide_url(chapter))}">{_HOW_TO_READ}</a>'
        f"{_ELSEWHERE}</p></footer>\n</main>\n</body>\n</html>\n"
    )


def section(title: str, *html: str) -> str:
    """Return a section under a heading."""
    return f"<section>\n<h2>{_shown(title)}</h2>\n{''.join(html)}</section>\n"


def paragraph(text: str) -> str:
    """Return a paragraph."""
    return f"<p>{_shown(text)}</p>\n"


def notice(text: str) -> str:
    """Return a paragraph that catches the eye."""
    return f'<p class="notice">{_shown(text)}</p>\n'


def key_figures(figures: Iterable[tuple[str, str, str]]) -> str:
    """Return (label, value, remark) triples as a row of boxes."""
    boxes = "".join(
        f"<div><dt>{_shown(label)}</dt><dd>{_shown(value)}<small>{_shown(remark)}</small></dd></div>\n"
        for label, value, remark in figures
    )
    return f'<dl class="key">\n{boxes}</dl>\n'


def table(header: Sequence[str], rows: Iterable[Sequence[str]], numeric: Sequence[int] = ()) -> str:
    """Return a table; `header` names the columns, `rows` hold text, columns in `numeric` (indices) align right."""

    def cells(tag, row):
        kinds = (' class="number"' if column in numeric else "" for column in range(len(row)))
        return "".join(f"<{tag}{kind}>{_shown(text)}</{tag}>" for kind, text in zip(kinds, row))

    body = "".join(f"<tr>{cells('td', row)}</tr>\n" for row in rows)
    return f"<table>\n<thead><tr>{cells('th', header)}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n"


def properties(values: Mapping[str, str]) -> str:
    """Return names and texts as a table of two columns."""
    rows = "".join(f"<tr><th>{_shown(name)}</th><td>{_shown(text)}</td></tr>\n" for name, text in values.items())
    return f'<table class="properties">\n<tbody>\n{rows}</tbody>\n</table>\n'


def picture(png: bytes, alt: str, caption: str) -> str:
    """Return PNG bytes as a figure; `alt` says in words what it shows."""
    data = base64.b64encode(png).decode("ascii")
    return (
        f'<figure>\n<img src="data:image/png;base64,{data}" alt="{_shown(alt)}">\n'
        f"<figcaption>{_shown(caption)}</figcaption>\n</figure>\n"
    )


def side_by_side(*html: str, small: bool = False) -> str:
    """Return figures next to each other, where the page is wide enough; small ones, so that four rows fit on paper."""
    return f'<div class="beside{" small" if small else ""}">\n{"".join(html)}</div>\n'


def number(value: Optional[float], unit: str = "", digits: int = 2) -> str:
    """Return a number with its unit as text, the dash `NOT_DEFINED` for None."""
    if value is None:
        return NOT_DEFINED
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = f"{0:.{digits}f}"  # no minus sign before a rounded zero
    return f"{text}\u00a0{unit}".replace("-", "\u2212") if unit else text.replace("-", "\u2212")
