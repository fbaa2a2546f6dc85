"""XML is read as it is spelled, and what declares a document type is refused before any entity has an effect."""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from sarbridge.contract.errors import UserError
from sarbridge.contract.markup import parsed

ROOT = Path(__file__).resolve().parents[2]

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))


def test_elements_attributes_and_text_come_as_they_are_spelled():
    root = parsed('<a x:y="1 &amp; 2" xmlns:x="u"><x:b>ä &lt; b</x:b> tail <c/></a>'.encode())
    assert root.attrib == {"x:y": "1 & 2", "xmlns:x": "u"}
    assert [(each.tag, each.text, each.tail) for each in root] == [("x:b", "ä < b", " tail "), ("c", None, None)]
    assert ET.tostring(root, encoding="unicode") == '<a x:y="1 &amp; 2" xmlns:x="u"><x:b>ä &lt; b</x:b> tail <c /></a>'


@pytest.mark.parametrize(
    "declared, content",
    [
        (LAUGHS, "&l11;"),
        ('<!ENTITY file SYSTEM "file:///etc/passwd">', "&file;"),
        ('<!ENTITY % remote SYSTEM "http://127.0.0.1:9/a.dtd"> %remote;', ""),
        ("", "nothing"),
    ],
)
def test_document_types_are_refused(declared, content):
    with pytest.raises(UserError, match="declares a document type"):
        parsed(f"<!DOCTYPE a [{declared}]><a>{content}</a>")


@pytest.mark.parametrize("markup", [b"", b"<a", b"<a></b>", b"<a>&unknown;</a>", b"\xff\xfe\x00", b"<a/><b/>"])
def test_what_is_no_xml_is_a_sentence(markup):
    with pytest.raises(UserError, match="This is no XML"):
        parsed(markup)


def test_no_other_parser_of_xml_is_used():
    """Those of the standard library expand entities (`parse`, `fromstring`, `XML`, `iterparse`, minidom, sax)."""
    ours = [*ROOT.glob("*.py"), *(file for room in ROOT.glob("[a-z]*/") for file in room.rglob("*.py"))]
    mine = [file for file in ours if file.relative_to(ROOT).parts[0] not in ("tests", "scripts")]
    parsers = ("ET.parse(", "ET.fromstring(", "ET.XML(", "iterparse", "minidom", "xml.sax", "lxml")
    found = {file.name for file in mine if any(parser in file.read_text(encoding="utf-8") for parser in parsers)}
    assert len(mine) > 100 and not found
