"""Make the page that help opens from `docs/user_guide.md`: `.venv/bin/python scripts/build_guide.py`.

The page is checked in, so that help works from a plain checkout and in a QGIS that has no Markdown library.
"""

from pathlib import Path

from markdown import markdown

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "user_guide.md"

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>SARbridge: user guide</title>
<link rel="stylesheet" href="../contract/report_page.css">
<link rel="stylesheet" href="user_guide.css">
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def guide_page(text: str) -> str:
    """Return the guide's Markdown text as an HTML page, its headings with the anchors that GitHub gives them."""
    return _PAGE.format(body=markdown(text, extensions=["fenced_code", "sane_lists", "tables", "toc"]))


if __name__ == "__main__":
    GUIDE.with_suffix(".html").write_text(guide_page(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")
