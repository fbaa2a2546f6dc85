"""Build the plugin's zip from the last commit: `python scripts/build_zip.py [OUTPUT]`, by default dist/sarbridge.zip.

It holds what runs in QGIS and what help links to. Tests, benchmarks, recipes and the other documents stay out.
"""

import configparser
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LARGEST_BYTES = 25_000_000  # what the QGIS plugin repository accepts

ASKED_FOR = ("repository", "tracker", "homepage", "email")
"""Entries of metadata.txt that must be filled in before an upload: docs/publishing.md."""

CONTENTS = (
    "__init__.py",
    "metadata.txt",
    "LICENSE",
    "README.md",
    "CHANGELOG.md",
    "requirements-engine.txt",
    "constraints-engine.txt",
    "contract/",
    "plugin/",
    "processing_provider/",
    "engine/",
    "models/",
    "docs/user_guide.",
    "docs/training.md",
    "docs/training_buildings.md",
    "docs/training_despeckling.md",
    "docs/images/",
)


def plugin_files():
    """Return the committed files, relative to the root, that a user needs."""
    listed = _git("ls-tree", "-r", "-z", "--name-only", "HEAD").split("\0")
    return [name for name in listed if name.startswith(CONTENTS)]


def build_zip(output):
    """Write the zip with one top folder, `sarbridge`; refuses to leave one that is too large."""
    output.parent.mkdir(parents=True, exist_ok=True)
    _git("archive", "--format=zip", "--prefix=sarbridge/", f"--output={output}", "HEAD", "--", *plugin_files())
    size = output.stat().st_size
    if size >= LARGEST_BYTES:
        output.unlink()
        sys.exit(f"The zip would have {size} bytes; the plugin repository takes less than {LARGEST_BYTES}.")
    return size


def missing_entries(metadata):
    """Return what the QGIS plugin repository asks for and `metadata`, the text of metadata.txt, leaves out or empty."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(metadata)
    return [name for name in ASKED_FOR if not parser["general"].get(name, "").strip()]


def _git(*arguments):
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    path = Path(sys.argv[1]).absolute() if len(sys.argv) > 1 else ROOT / "dist" / "sarbridge.zip"
    print(f"{path}: {build_zip(path) / 1e6:.2f} MB")
    missing = missing_entries(_git("show", "HEAD:metadata.txt"))
    if missing:
        print(f"Not ready for the plugin repository: metadata.txt has no {', '.join(missing)} (docs/publishing.md).")
