#!/usr/bin/env bash
# Install what is missing and pass all tests: style, then engine and models in .venv, then what runs inside QGIS.
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/install.sh

export SARBRIDGE_PYTHON=$PWD/.venv/bin/python QT_QPA_PLATFORM=offscreen

failed=0
echo "== Style"
.venv/bin/ruff check . || failed=1
.venv/bin/ruff format --check . || failed=1
echo "== Engine and models"
engine_side=(tests/contract tests/engine tests/models tests/recipes tests/benchmarks)
.venv/bin/python -m pytest -q "${engine_side[@]}" || failed=1
echo "== QGIS: plugin, provider, command line"
/usr/bin/python3 -m pytest -q tests "${engine_side[@]/#/--ignore=}" || failed=1
exit $failed
