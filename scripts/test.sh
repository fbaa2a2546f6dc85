#!/usr/bin/env bash
# Install what is missing and pass all tests: style, then engine and models, then what runs inside QGIS.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh
export QT_QPA_PLATFORM=offscreen

failed=0
echo "== Style"
ruff=$(dirname "$SARBRIDGE_PYTHON")/ruff
if [ -x "$ruff" ]; then
    "$ruff" check . || failed=1
    "$ruff" format --check . || failed=1
else
    echo "Skipped: there is no ruff beside $SARBRIDGE_PYTHON; a .venv has it."
fi
qgis_side=(tests/plugin tests/processing_provider tests/command_line tests/corpus tests/test_*.py)
# Side by side: each suite keeps about one core busy.
echo "== Engine and models, while the tests inside QGIS run"
engine_log=$(mktemp)
trap 'rm -f "$engine_log"' EXIT
"$SARBRIDGE_PYTHON" -m pytest -q tests "${qgis_side[@]/#/--ignore=}" >"$engine_log" 2>&1 &
engine=$!
echo "== QGIS: plugin, provider, command line"
/usr/bin/python3 -m pytest -q "${qgis_side[@]}" || failed=1
wait "$engine" || failed=1
echo "== Engine and models"
cat "$engine_log"
exit $failed
