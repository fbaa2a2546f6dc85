"""What a model for metre-class SAR images finds: `python benchmarks/buildings.py --data DATA --model MODEL`.

It is scored on what users get, the outputs of the task `extract_buildings`, for scenes that no training has seen:
invented cities (`building_scenes.py`), again as the brighter simulator has them, and Gothenburg and Bilbao, simulated
from their real surfaces. Each is told where the radar looks and at which angle, and then once more without: the
extraction then finds the look by the image, or does without.
"""

if not __package__:  # run as a script
    from as_package import load_package

    __package__ = load_package()

import argparse
import tempfile
from pathlib import Path

import numpy as np
import rasterio
import rasterio.features
import shapely.geometry

from ..contract.buildings_jobs import ExtractBuildingsJob
from ..contract.footprint_lines import FoundBuilding, read_footprint_lines
from ..engine.buildings.counts import Counts, pixel_counts, pooled
from ..engine.buildings.extract_buildings import run
from ..engine.buildings.found_buildings import BUILT, NO_DATA
from ..engine.buildings.matching import match_buildings
from ..engine.reporting import NullReporter
from ..engine.simulation.radar.reflectivity import BRIGHT
from .building_scenes import CITIES, bilbao, gothenburg, invented

SMALLEST = 10.0
"""m² of the smallest footprint, as users have it by default."""

SHED = 20.0
"""m²: what is smaller are sheds, a few pixels each; most buildings of one of the cities are."""


def main():
    """Print a line for each scene, and one for all invented cities together."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the real surfaces (docs/training.md)")
    parser.add_argument("--model", type=Path, required=True, help="a model file")
    arguments = parser.parse_args()
    print(f"F1 at IoU 0.5: of all buildings, then of those of {SHED:g} m² or more.")
    print("| Scene | IoU | F1 | F1 | no look given: IoU | F1 | F1 |")
    print("|---|---|---|---|---|---|---|")
    for kind, reflectivity in (("", None), (", brighter", BRIGHT)):
        results = [_row(invented(city, reflectivity), arguments.model) for city in CITIES]
        total = [[pooled(each) for each in zip(*columns)] for columns in zip(*results)]
        print(_line(f"all invented cities{kind}", total), flush=True)
    for scene in (gothenburg, bilbao):
        _row(scene(arguments.data), arguments.model)


def _row(scene, model):
    """Print the line of a scene; return [(pixels, buildings, those that are no sheds)] with and without the look."""
    with tempfile.TemporaryDirectory() as folder:
        source = scene.write(Path(folder) / "scene.tif")
        counts = [_scored(scene, source, model, Path(folder), told) for told in (True, False)]
    print(_line(scene.name, counts), flush=True)
    return counts


def _scored(scene, source, model, folder, told):
    paths = {"footprints": str(folder / "footprints.txt"), "mask": str(folder / "mask.tif")}
    view = {"look_azimuth": scene.look, "incidence": scene.incidence} if told else {}
    run(ExtractBuildingsJob(source, str(model), **paths, **view, min_area=SMALLEST), NullReporter())
    with rasterio.open(paths["mask"]) as raster:
        mask, transform = raster.read(1), raster.transform
    pixels = pixel_counts(mask == BUILT, scene.labels > 0, mask != NO_DATA)
    if not scene.parted:
        return pixels, None, None
    shapes = rasterio.features.shapes(scene.labels, scene.labels > 0, transform=transform)
    truth = shapely.make_valid([shapely.geometry.shape(shape) for shape, _ in shapes])
    found = list(read_footprint_lines(paths["footprints"], FoundBuilding))
    polygons = shapely.make_valid([shapely.Polygon(each.rings[0], each.rings[1:]) for each in found])
    scores = np.array([each.score for each in found])
    is_large, are_large = shapely.area(polygons) >= SHED, shapely.area(truth) >= SHED
    return pixels, _matched(polygons, truth, scores), _matched(polygons[is_large], truth[are_large], scores[is_large])


def _matched(polygons, truth, scores):
    """Return the `Counts` of buildings."""
    correct = int(match_buildings(polygons, truth, scores).correct.sum())
    return Counts(correct, len(polygons) - correct, len(truth) - correct)


def _line(name, counts):
    cells = [_number(each and getattr(each, name)) for view in counts for each, name in zip(view, ("iou", "f1", "f1"))]
    return f"| {name} | " + " | ".join(cells) + " |"


def _number(value):
    return "–" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
