#!/usr/bin/env bash
# Install what is missing on Debian 12 or later: QGIS, and the engine's environment in .venv. Quick when nothing is missing.
# Scripts that source this one find the Python of the engine and its tests in SARBRIDGE_PYTHON.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

packages=(qgis python3-qgis qgis-providers python3-venv python3-pytest procps git)
missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
    echo "== Installing from Debian: ${missing[*]}"
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

has_all='
import runpy, sys
from importlib.util import find_spec
needed = *runpy.run_path("contract/installation.py")["NEEDED_MODULES"], "pytest"
sys.exit(any(find_spec(name) is None for name in needed))
'
# The environment is complete only when this file says which requirements it was made from.
made_from=.venv/made_from.txt
wanted=$(cat requirements-engine.txt constraints-engine.txt requirements-tests.txt)
if [ ! -e .venv ] && /usr/bin/python3 -c "$has_all"; then
    echo "== Debian's own Python has the engine's libraries: it runs the engine, and no .venv is made"
    export SARBRIDGE_PYTHON=/usr/bin/python3
else
    if [ "$(cat "$made_from" 2>/dev/null)" != "$wanted" ]; then
        echo "== Installing the engine's libraries into .venv"
        rm -rf .venv
        /usr/bin/python3 -m venv .venv
        .venv/bin/pip install --quiet --requirement requirements-engine.txt --requirement requirements-tests.txt \
            --constraint constraints-engine.txt
        printf '%s' "$wanted" >"$made_from"
    fi
    export SARBRIDGE_PYTHON=$PWD/.venv/bin/python
fi
