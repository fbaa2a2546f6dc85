#!/usr/bin/env bash
# Install what is missing, simulate a small scene and run the plugin's main job on it: tie points, then co-registration.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/install.sh

checkout=$PWD
results=${1:-$checkout/demo}
mkdir -p "$results/plugins"
results=$(cd "$results" && pwd)
ln -sfn "$checkout" "$results/plugins/sarbridge"
export QGIS_PLUGINPATH=$results/plugins QGIS_CUSTOM_CONFIG_PATH=$results/profile
export QT_QPA_PLATFORM=offscreen

# Debian 12's wrapper /usr/bin/qgis_process passes an option that the program does not know.
qgis_process=$(command -v qgis_process.bin || command -v qgis_process)
if ! "$qgis_process" plugins 2>/dev/null | grep -q '^\* sarbridge'; then # a second time counts as an error
    "$qgis_process" plugins enable sarbridge
fi

echo "== A simulated scene, the optical image of which is misplaced"
"$qgis_process" run sarbridge:simulatescene \
    --SEED=1 --SIZE=640 --LANDSCAPE=prairie --SHIFT_RIGHT=8.3 --SHIFT_DOWN=5.6 \
    --SAR="$results/sar.tif" --OPTICAL="$results/optical.tif" |
    tee "$results/simulation.log"

echo "== Tie points"
"$qgis_process" run sarbridge:matchtiepoints \
    --SAR="$results/sar.tif" --OPTICAL="$results/optical.tif" --TRANSFORM=shift \
    --TIE_POINTS="$results/tie_points.gpkg" --GCP_POINTS="$results/tie.points" --REPORT="$results/report.html" |
    tee "$results/matching.log"

echo "== Co-registration"
"$qgis_process" run sarbridge:coregister \
    --INPUT="$results/optical.tif" --POINTS="$results/tie_points.gpkg" --MOVES=optical --TRANSFORM=shift \
    --OUTPUT="$results/optical_corrected.tif"

echo "== Planted and found"
for what in "Planted simulation" "Found matching"; do
    read -r word log <<<"$what"
    awk -v word="$word" '/^MEAN_SHIFT_X:/ {east = $2} /^MEAN_SHIFT_Y:/ {north = $2}
        END {printf "%-8s %.2f m east, %.2f m north\n", word, east, north}' "$results/$log.log"
done
echo "Open $results/report.html in a browser and the layers in $results in QGIS."
