"""What our code takes from libraries: all of it is asked for, pinned for every Python, and nothing of it is private."""

import ast
import sys

import pytest
from packaging.requirements import Requirement
from sarbridge.contract.installation import CONSTRAINTS, NEEDED_MODULES, REQUIREMENTS
from sarbridge.tests.qgis_session import ROOT

OURS = {"sarbridge", "package", "as_package"}  # the latter two are imported by scripts, before there is a package
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
SYSTEMS = {
    "Linux": {"sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
    "Windows": {"sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
    "Mac": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
    "Intel Mac": {"sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "x86_64"},
}


def library_imports(tree):
    """Return (name in the code, module) of all that is imported from libraries, also inside functions."""
    imports = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports += [(alias.asname or alias.name.partition(".")[0], alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            imports += [(alias.asname or alias.name, f"{node.module}.{alias.name}") for alias in node.names]
    known = OURS | sys.stdlib_module_names
    return [(name, module) for name, module in imports if module.partition(".")[0] not in known]


def is_private(name):
    return name.startswith("_") and not name.endswith("__")


def private_parts(tree):
    """Return what the code takes from libraries under a private name: modules, classes, functions."""
    imports = library_imports(tree)
    names = {name for name, _ in imports}
    found = {module for _, module in imports if any(map(is_private, module.split(".")))}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            owner = node.value
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            if isinstance(owner, ast.Name) and owner.id in names:
                found.add(ast.unparse(node))
    return found


def trees(*rooms):
    """Yield (file, its syntax tree)."""
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def libraries_of(*rooms):
    """Return {library: a file that imports it}."""
    return {module.partition(".")[0]: file for file, tree in trees(*rooms) for _, module in library_imports(tree)}


def pins(file, python, system):
    """Return the pins that hold for a Python version and a system, as pip reads them."""
    lines = [line.partition("#")[0].strip() for line in file.read_text(encoding="utf-8").splitlines()]
    pinned = [Requirement(line) for line in lines if line]
    environment = {"python_version": python, **SYSTEMS[system]}
    return [pin for pin in pinned if pin.marker is None or pin.marker.evaluate(environment)]


def test_the_engine_imports_what_is_needed_and_nothing_else():
    imported = libraries_of("engine", "models")
    assert set(imported) == set(NEEDED_MODULES), imported
    assert set(libraries_of("recipes")) <= set(NEEDED_MODULES)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("python", PYTHONS)
def test_every_python_gets_one_version_of_everything(python, system):
    required, brought = (pins(file, python, system) for file in (REQUIREMENTS, CONSTRAINTS))
    assert sorted(pin.name for pin in required) == sorted(NEEDED_MODULES.values())
    names = [pin.name for pin in required + brought]
    assert len(names) == len(set(names))
    assert all(str(pin.specifier).startswith("==") and "*" not in str(pin.specifier) for pin in required + brought)


def test_nothing_private_is_taken_from_a_library():
    found = {file: private_parts(tree) for file, tree in trees("engine", "models", "recipes", "benchmarks", "tests")}
    assert {file: parts for file, parts in found.items() if parts} == {}


@pytest.mark.parametrize(
    "line",
    [
        "from rasterio._err import CPLE_BaseError",
        "import rasterio._err",
        "from rasterio import _err",
        "import torch\ntorch._standard_gamma()",
        "def f():\n    import numpy as np\n    return np.linalg._umath_linalg.det",
    ],
)
def test_private_parts_are_noticed(line):
    assert private_parts(ast.parse(line))
    assert not private_parts(ast.parse("import torch\ntorch.__version__\nself._value = torch.ones(1)._replace"))
