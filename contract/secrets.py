"""What nobody but the user may read: names, passwords and tokens in the sources of layers.

GDAL and QGIS take them within URLs, connection strings and XML. A source is opened with them and shown without them.
"""

import re

_MASK = "***"

_NAMES = r"""
    user | username | uid | usr | pass | pw | sig | auth | accessid
    | [\w.-]* (?: password | passwd | passphrase | pwd | secret | token | signature | credentials? | key | keyid
                  | authcfg | authorization | api_?key | access_?id )
"""
"""What a value is called that is masked, as a whole word."""

_QUOTED = r""" '(?:\\.|[^'\\])*'? | "(?:\\.|[^"\\])*"? | &(?:apos|quot|\#39|\#34);.*?&(?:apos|quot|\#39|\#34); """
_BARE = r""" (?:(?:bearer|basic)(?:\s|%20)+)? (?: (?!%26|%3B|%7C) [^\s&;,|'"<>(){}] )+ """

_FLAGS = re.IGNORECASE | re.VERBOSE
_SECRETS = [
    re.compile(pattern, _FLAGS)
    for pattern in (
        # https://name:password@host, also as a part of another URL
        r"(?P<before> :// | %3A%2F%2F ) (?: (?!%2F|%3F|%23) [^\s/?\#'\"<>&] )* (?P<after> @ | %40 )",
        rf"(?P<before> (?<![\w.-]) (?:{_NAMES}) ['\"]? \s* (?: = | %3D ) \s* ) (?: {_QUOTED} | {_BARE} ) (?P<after>)",
        # as in headers and JSON
        rf"(?P<before> (?<![\w.-]) (?: authorization | ['\"](?:{_NAMES})['\"] ) \s* : \s* )"
        rf" (?: {_QUOTED} | {_BARE} ) (?P<after>)",
        rf"(?P<before> < (?:{_NAMES}) > ) [^<]* (?P<after> < )",
        # the name and the password of Oracle's databases
        r"(?P<before> \b (?: geor | georaster | oci ) : ) [^,/@\s*]+ [,/] [^,/@\s]+ (?P<after>)",
    )
]


def without_secrets(text: str) -> str:
    """Return a text with a mask in the place of every name, password and token of a source in it."""
    for secret in _SECRETS:
        text = secret.sub(rf"\g<before>{_MASK}\g<after>", text)
    return text
