"""The rooms' import rules, seen in the `sys.modules` of fresh processes and not in the text."""

import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import pytest
from sarbridge.tests.qgis_session import ENGINE_PYTHON, ROOT

PROBE = """
import importlib, importlib.util, json, sys
root, before, names = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
for name in before:
    importlib.import_module(name)
spec = importlib.util.spec_from_file_location("sarbridge", root + "/__init__.py", submodule_search_locations=[root])
sys.modules["sarbridge"] = importlib.util.module_from_spec(spec)
brought = {}
for name in names:
    known = set(sys.modules)
    importlib.import_module(name)
    for module in set(sys.modules) - known:
        brought.setdefault(module, name)
print(json.dumps(brought))
"""

QGIS = ("qgis", "PyQt5", "PyQt6")
LIBRARIES = ("torch", "rasterio", "shapely", "scipy", "numpy", "safetensors", "matplotlib", "PIL")
ROOMS = ("contract", "plugin", "processing_provider", "engine", "models", "recipes", "benchmarks", "scripts", "tests")
"""Folders of ours; what a rule does not allow of them is forbidden."""

SHARED = tuple(f"engine.{room}" for room in ("rasters", "compute", "inference", "training", "tie_points", "reports"))
"""What capabilities share, and what thus knows no capability."""


class Rule(NamedTuple):
    """What `rooms` may bring in: of our own rooms `ours` only, and no foreign package in `forbidden`.

    `forbidden` None allows the standard library only. `before` is imported first: what it brings in does not count.
    """

    rooms: tuple
    ours: tuple
    forbidden: tuple
    by_qgis: bool = False

    @property
    def interpreter(self):
        return sys.executable if self.by_qgis else ENGINE_PYTHON

    @property
    def before(self):
        return ["qgis.core", "qgis.gui", "osgeo.gdal"] if self.by_qgis else []

    def allows(self, module):
        top, _, rest = module.partition(".")
        if top == "sarbridge":
            return not rest or rest.split(".")[0] not in ROOMS or any(is_in(rest, room) for room in self.ours)
        return top in sys.stdlib_module_names if self.forbidden is None else top not in self.forbidden

    def offences(self, root, names):
        """Return {module that is not allowed: the module of ours that brought it in}."""
        arguments = [str(root), json.dumps(self.before), json.dumps(names)]
        done = subprocess.run([self.interpreter, "-B", "-c", PROBE, *arguments], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        brought = json.loads(done.stdout.splitlines()[-1])
        assert set(names) <= set(brought)
        return {module: by for module, by in brought.items() if not self.allows(module)}


RULES = {
    "contract": Rule(("contract",), ("contract",), None),
    "qgis": Rule(
        ("plugin", "processing_provider"),
        ("plugin", "processing_provider", "contract", "models.card", "models.file_header", "models.plain_json"),
        LIBRARIES,
        by_qgis=True,
    ),
    "models": Rule(("models",), ("models", "contract"), (*QGIS, "rasterio", "shapely", "scipy", "matplotlib")),
    "engine": Rule(("engine",), ("engine", "models", "contract"), QGIS),
    "shared": Rule(SHARED, (*SHARED, "engine.reporting", "models", "contract"), QGIS),
    "recipes": Rule(("recipes",), ("recipes", "engine", "models", "contract"), QGIS),
}

BROKEN = (
    ("contract", "contract/errors.py", "import safetensors", "safetensors"),
    ("contract", "contract/sources.py", "from ..models import card", "sarbridge.models.card"),
    ("qgis", "processing_provider/settings.py", "import torch", "torch"),
    ("qgis", "processing_provider/settings.py", "from ..engine import reporting", "sarbridge.engine.reporting"),
    ("qgis", "plugin/settings_page.py", "from ..engine.package import load_package", "sarbridge.engine.package"),
    ("models", "models/card.py", "from ..engine import reporting", "sarbridge.engine.reporting"),
    ("models", "models/card.py", "import rasterio", "rasterio"),
    ("engine", "engine/reporting.py", "import qgis", "qgis"),
    ("engine", "engine/reporting.py", "from .. import plugin", "sarbridge.plugin"),
    ("engine", "engine/reporting.py", "from .. import recipes", "sarbridge.recipes"),
    ("shared", "engine/reports/figures.py", "from ..matching import table", "sarbridge.engine.matching.table"),
    ("recipes", "recipes/run.py", "import PyQt5", "PyQt5"),
    ("recipes", "recipes/run.py", "from .. import processing_provider", "sarbridge.processing_provider"),
)
"""Each sentence of a rule, broken on purpose: the rule, a file, a line put into it, what the rule then must name."""


def is_in(module, room):
    """Whether a module lies in a room, or is a package around it (which is imported with it)."""
    return f"{module}.".startswith(f"{room}.") or f"{room}.".startswith(f"{module}.")


def modules_of(*rooms):
    files = [path.relative_to(ROOT) for room in rooms for path in sorted(ROOT.joinpath(*room.split(".")).rglob("*.py"))]
    return ["sarbridge." + ".".join(file.with_suffix("").parts).removesuffix(".__init__") for file in files]


def need(rule):
    if rule.by_qgis and find_spec("qgis") is None:
        pytest.skip("this Python has no QGIS")
    if not rule.by_qgis and not Path(ENGINE_PYTHON).is_file():
        pytest.skip("no interpreter for the engine: set SARBRIDGE_PYTHON")


@pytest.mark.parametrize("name", RULES)
def test_rooms_keep_their_rule(name):
    rule = RULES[name]
    need(rule)
    assert rule.offences(ROOT, modules_of(*rule.rooms)) == {}


@pytest.mark.parametrize(("name", "file", "line", "named"), BROKEN)
def test_a_broken_rule_is_noticed(name, file, line, named, tmp_path):
    rule = RULES[name]
    need(rule)
    for room in ("contract", "plugin", "processing_provider", "engine", "models", "recipes"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=shutil.ignore_patterns("__pycache__", "zoo"))
    shutil.copy(ROOT / "__init__.py", tmp_path)
    # A library that this Python lacks is there for this test, so that the rule meets it.
    package = line.removeprefix("import ")
    stands_for = f"import sys, types; sys.modules.setdefault({package!r}, types.ModuleType({package!r}))\n"
    broken = tmp_path / file
    prelude = stands_for if line.startswith("import ") else ""
    broken.write_text(f"{broken.read_text()}\n{prelude}{line}\n")
    module = "sarbridge." + file.removesuffix(".py").replace("/", ".")
    assert rule.offences(tmp_path, [module])[named] == module
