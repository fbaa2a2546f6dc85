"""A small flat town as a complex spotlight image in radar geometry, whose control points say where it lies."""

from functools import lru_cache

import numpy as np
import torch
from rasterio.control import GroundControlPoint
from sarbridge.contract.building_training_jobs import BuildingLayers
from sarbridge.contract.footprint_lines import ScoredFootprint, write_footprint_lines
from sarbridge.contract.sources import FootprintSource
from sarbridge.engine.simulation.radar.roofs import roof_share
from sarbridge.engine.simulation.radar.sar_image import sar_image
from sarbridge.engine.simulation.radar.sar_presets import TERRASARX_SPOTLIGHT
from sarbridge.engine.simulation.surfaces.surface import Cover, Surface
from sarbridge.tests.engine.buildings.scenes import LEFT, TOP, UTM, square
from sarbridge.tests.engine.rasters.placed_images import opened, write_anywhere

CELLS, CELL, GROUND = 320, 0.65, 40.0
LOOK, INCIDENCE = 70.0, 38.0


@lru_cache
def houses():
    """Rectangles in metres right and down of the corner, each with its height."""
    generator = np.random.default_rng(0)
    return tuple(
        (square(x + 6, y + 6, *generator.integers(9, 16, 2)), float(generator.uniform(4, 18)))
        for x in range(0, 190, 32)
        for y in range(0, 190, 32)
    )


@lru_cache
def taken():
    """Return the simulated image, and where its roofs appear, bool [A, R]."""
    building = torch.zeros(CELLS, CELLS, dtype=torch.int32)
    height = torch.full((CELLS, CELLS), GROUND)
    for number, (house, metres) in enumerate(houses(), 1):
        left, top, right, bottom = (round(each / CELL) for each in house.bounds)
        building[top:bottom, left:right] = number
        height[top:bottom, left:right] += metres
    cover = torch.where(building > 0, int(Cover.ROOF), int(Cover.GRASS)).to(torch.uint8)
    walls = torch.zeros(len(houses()) + 1)
    surface = Surface(CELL, torch.full_like(height, GROUND), height, cover, building, walls)
    image = sar_image(surface, TERRASARX_SPOTLIGHT, LOOK, INCIDENCE, ("HH",), torch.Generator().manual_seed(0))
    line, bin_ = image.grid.positions(surface.terrain)
    points = [
        GroundControlPoint(
            float(line[row, col]), float(bin_[row, col]), LEFT + (col + 0.5) * CELL, TOP - (row + 0.5) * CELL, GROUND
        )
        for row in range(0, CELLS, 106)
        for col in range(0, CELLS, 106)
    ]
    return image.looks[0].numpy(), roof_share(surface, image.grid).numpy() > 0.5, points


def footprints(path, shapes_and_heights, crs=UTM):
    """Write shapes in metres right and down of the corner, with heights or None, as footprints in a UTM zone."""
    lines = []
    for shape, height in shapes_and_heights:
        ring = np.array(shape.exterior.coords) * (1, -1) + (LEFT, TOP)
        lines.append(ScoredFootprint(None, [ring.tolist()], height))
    write_footprint_lines(path, lines)
    return FootprintSource(path.stem, str(path), crs.to_wkt())


def radar_town(folder, **entries):
    """Write image and footprints where none are given; return them as layers with patches of 64 pixels."""
    given = {"look_azimuth": LOOK, "incidence": INCIDENCE, "polarisations": ("HH",), "patch": 64, **entries}
    if "footprints" not in given:
        given["footprints"] = footprints(folder / "houses.jsonl", houses())
    if "sar" not in given:
        image, _, points = taken()
        given["sar"] = write_anywhere(folder / "slc.tif", image, points=points)
        with opened(given["sar"].path, "r+") as file:
            file.gcps = points, UTM
    return BuildingLayers(**given)
