#!/usr/bin/env bash
# Install what is missing and run the worked example of the user guide: a simulated scene, tie points, co-registration.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh

checkout=$PWD
results=${1:-$checkout/demo}
mkdir -p "$results/plugins"
results=$(cd "$results" && pwd)
ln -sfn "$checkout" "$results/plugins/sarbridge"
export QGIS_PLUGINPATH=$results/plugins QGIS_CUSTOM_CONFIG_PATH=$results/profile

cd "$results"
bash -eux <(python3 "$checkout/scripts/worked_example.py") | tee worked_example.log

echo "== Planted and found"
awk '/^MEAN_SHIFT_X:/ {east[++n] = $2} /^MEAN_SHIFT_Y:/ {north[n] = $2}
    END {for (i = 1; i <= 2; i++) printf "%-8s %.2f m east, %.2f m north\n", i == 1 ? "Planted" : "Found", east[i], north[i]}' \
    worked_example.log
echo "Open $results/report.html in a browser and the layers in $results in QGIS."
