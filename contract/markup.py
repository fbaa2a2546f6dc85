"""XML of files that anybody may have written."""

import xml.etree.ElementTree as ET
from typing import Union
from xml.parsers import expat

from .errors import UserError


def parsed(markup: Union[str, bytes]) -> ET.Element:
    """Return the root of XML that declares no document type, and thus no entities; tags and attributes as spelled.

    Entities can be endless, or the content of any file or address: Python's own parsers of XML follow some of them.
    Raises `UserError` for a document type and for what is no XML.
    """
    builder, parser = ET.TreeBuilder(), expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.data
    try:
        parser.Parse(markup, True)
    except expat.ExpatError as error:
        raise UserError(f"This is no XML ({error}): choose another file.") from error
    return builder.close()


def _refuse(name, *identifiers):
    raise UserError(f"XML that declares a document type ('{name}') is not read: remove the line <!DOCTYPE.")
