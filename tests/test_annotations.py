"""Every public function and method says of what type its arguments are, and what it returns.

Public is what has no leading underscore, in modules and in public classes, and `__init__`, which need not say that it
returns nothing. QGIS, not we, says what its own methods take: those with names in camelCase, and those of one word in
a class with a base of QGIS (`Qgs...`).
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("contract", "engine", "models", "recipes", "plugin", "processing_provider")

EXAMPLES = (
    ("def area(width: float) -> float: ...", []),
    ("def area(width) -> float: ...", ["1 area"]),
    ("def area(width: float): ...", ["1 area"]),
    ("def area(*sides, unit: str) -> float: ...", ["1 area"]),
    ("def area(*, unit) -> float: ...", ["1 area"]),
    ("def area(**sides) -> float: ...", ["1 area"]),
    ("def _area(width): ...", []),
    ("class Box:\n def __init__(self, side: float): ...", []),
    ("class Box:\n def __init__(self, side): ...", ["2 Box.__init__"]),
    ("class Box:\n @property\n def side(self): ...", ["3 Box.side"]),
    ("class Box:\n def __len__(self): ...", []),
    ("class _Box:\n def side(self): ...", []),
    ("class Box:\n def initGui(self): ...", []),
    ("class Box:\n def name(self): ...", ["2 Box.name"]),
    ("class Box(QgsBox):\n def name(self): ...", []),
    ("class Box(core.QgsBox):\n def add_side(self): ...", ["2 Box.add_side"]),
)
"""Source, and what lacks annotations in it: line and name."""


def unannotated(body, owner=None):
    """Return "line name" of all public functions among statements, of a class `owner` or a module, that lack one."""
    found = []
    for each in body:
        if not isinstance(each, (ast.ClassDef, ast.FunctionDef)) or not is_public(each.name):
            continue
        if isinstance(each, ast.ClassDef):
            found += unannotated(each.body, each)
        elif not is_annotated(each) and not (owner and is_of_qgis(each.name, owner)):
            found.append(f"{each.lineno} {owner.name + '.' if owner else ''}{each.name}")
    return found


def is_public(name):
    return not name.startswith("_") or name == "__init__"


def is_of_qgis(name, owner):
    has_base_of_qgis = any(ast.unparse(base).split(".")[-1].startswith("Qgs") for base in owner.bases)
    return name != name.lower() or (has_base_of_qgis and "_" not in name)


def is_annotated(function):
    of = function.args
    arguments = [*of.posonlyargs, *of.args, of.vararg, *of.kwonlyargs, of.kwarg]
    says = [each.annotation for each in arguments if each and each.arg not in ("self", "cls")]
    return None not in says and (function.returns is not None or function.name == "__init__")


@pytest.mark.parametrize(("source", "expected"), EXAMPLES)
def test_what_counts_as_annotated(source, expected):
    assert unannotated(ast.parse(source).body) == expected


@pytest.mark.parametrize("room", ROOMS)
def test_public_functions_are_annotated(room):
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    trees = {file.relative_to(ROOT): ast.parse(file.read_text(encoding="utf-8")) for file in files}
    found = [f"{file}:{each}" for file, tree in trees.items() for each in unannotated(tree.body)]
    assert not found, "\n".join(found)
