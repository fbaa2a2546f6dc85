"""The zip as a user gets it: what is in it, and that it works on its own."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from sarbridge.scripts.build_zip import ASKED_FOR, LARGEST_BYTES, build_zip, missing_entries
from sarbridge.tests.qgis_session import ENGINE_PYTHON, QGIS_PROCESS, ROOT

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the zip is built from a git checkout")

IMPORT_ALL = """
import importlib, sys
from pathlib import Path
plugins = Path(sys.argv[1])
sys.path.insert(0, str(plugins))
for room in ("contract", "engine", "models"):
    for path in sorted((plugins / "sarbridge" / room).rglob("*.py")):
        importlib.import_module(".".join(path.relative_to(plugins).with_suffix("").parts))
"""


@pytest.fixture(scope="module")
def plugins(tmp_path_factory):
    """A plugins folder with the unpacked zip."""
    folder = tmp_path_factory.mktemp("plugins")
    archive = folder / "sarbridge.zip"
    assert build_zip(archive) == archive.stat().st_size < LARGEST_BYTES
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)
    archive.unlink()
    return folder


def test_one_folder_with_what_a_user_needs(plugins):
    assert [entry.name for entry in plugins.iterdir()] == ["sarbridge"]
    plugin = plugins / "sarbridge"
    for name in (
        "metadata.txt",
        "LICENSE",
        "requirements-engine.txt",
        "constraints-engine.txt",
        "engine/worker.py",
        "plugin/icons/sarbridge.svg",
    ):
        assert (plugin / name).read_bytes() == (ROOT / name).read_bytes()
    assert not {"tests", "benchmarks", "scripts", "recipes", ".ci", ".gitignore"} & {e.name for e in plugin.iterdir()}
    assert (plugin / "engine" / "matching" / "training" / "bridge_match_lesson.py").is_file(), "users train matchers"


@pytest.mark.parametrize(
    "document",
    [
        "README.md",
        "docs/user_guide.md",
        "docs/training.md",
        "docs/training_buildings.md",
        "docs/training_despeckling.md",
    ],
)
def test_what_its_documents_name_is_there(plugins, document):
    """Where their links lead."""
    path = plugins / "sarbridge" / document
    for link in re.findall(r"\]\(([^)#]+)", path.read_text(encoding="utf-8")):
        assert "://" in link or (path.parent / link).exists(), link


def test_nothing_the_plugin_repository_refuses(plugins):
    """No binaries and no pickle: whatever is not a picture or a model is text."""
    files = [path for path in plugins.rglob("*") if path.is_file()]
    for path in files:
        assert not path.is_symlink()
        if path.suffix not in (".png", ".jpg", ".safetensors"):
            path.read_text(encoding="utf-8")


@pytest.mark.skipif(not Path(ENGINE_PYTHON).is_file(), reason="no interpreter for the engine: set SARBRIDGE_PYTHON")
def test_the_engine_misses_nothing(plugins):
    """No module that is in the zip imports one that is not."""
    subprocess.run([ENGINE_PYTHON, "-B", "-c", IMPORT_ALL, str(plugins)], check=True)


@pytest.mark.skipif(QGIS_PROCESS is None, reason="qgis_process is not installed")
def test_qgis_finds_the_algorithms(plugins, tmp_path):
    environment = {
        **os.environ,
        "QGIS_PLUGINPATH": str(plugins),
        "QGIS_CUSTOM_CONFIG_PATH": str(tmp_path),
        "QT_QPA_PLATFORM": "offscreen",
    }
    subprocess.run([QGIS_PROCESS, "plugins", "enable", "sarbridge"], env=environment, check=True, capture_output=True)
    done = subprocess.run([QGIS_PROCESS, "list"], env=environment, check=True, capture_output=True, text=True)
    for name in ("matchtiepoints", "coregister", "setupengine", "checkengine"):
        assert f"sarbridge:{name}\t" in done.stdout


def test_a_zip_that_is_too_large_is_refused(tmp_path):
    script = ROOT / "scripts" / "build_zip.py"
    code = (
        f"import runpy; names = runpy.run_path({str(script)!r}); from pathlib import Path;"
        f"names['build_zip'].__globals__['LARGEST_BYTES'] = 1000; names['build_zip'](Path({str(tmp_path)!r}, 'z.zip'))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and "takes less than 1000" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_what_the_plugin_repository_asks_for_and_is_missing_is_named():
    filled = "[general]\nname=S\n" + "".join(f"{name}=https://example.org/100%25\n" for name in ASKED_FOR)
    assert missing_entries(filled) == []
    assert missing_entries(filled.replace("tracker=https://example.org/100%25", "tracker=")) == ["tracker"]
    assert missing_entries("[general]\nname=S\n") == ["repository", "tracker", "homepage", "email"]


def test_building_warns_of_it(tmp_path):
    script = ROOT / "scripts" / "build_zip.py"
    done = subprocess.run([sys.executable, str(script), str(tmp_path / "z.zip")], capture_output=True, text=True)
    missing = missing_entries((ROOT / "metadata.txt").read_text(encoding="utf-8"))
    assert done.returncode == 0 and all(name in done.stdout for name in missing)
    assert ("docs/publishing.md" in done.stdout) == bool(missing)
    document = (ROOT / "docs" / "publishing.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in document for name in ASKED_FOR)
