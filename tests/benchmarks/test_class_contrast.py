"""The benchmark of land covers: contrasts come out in dB, and classes are what they are called."""

import numpy as np
import pytest
import rasterio
from sarbridge.benchmarks import class_contrast
from sarbridge.engine.simulation.surfaces.surface import Cover
from sarbridge.engine.simulation.surfaces.world import world


def test_contrasts_of_tiles_of_known_amplitudes(tmp_path):
    """Everything is 100 but the polygons of water, a tenth of that: -20 dB, whatever a tile is stretched by."""
    folder = tmp_path / "s1s2_los_angeles" / "sar"
    folder.mkdir(parents=True)
    drawn = class_contrast.json.loads(class_contrast.POLYGONS.read_text())
    for index, tile in enumerate(sorted({each["tile"] for each in drawn})):
        rings = [each["polygon"] for each in drawn if each["tile"] == tile and each["class"] == "water"]
        values = np.full((1024, 1024), 100.0)
        if rings:
            shapes = [{"type": "Polygon", "coordinates": [[*ring, ring[0]]]} for ring in rings]
            values[rasterio.features.rasterize(shapes, values.shape) > 0] = 10
        profile = {"driver": "GTiff", "count": 1, "dtype": "uint8", "width": 1024, "height": 1024}
        with rasterio.open(folder / f"{tile}.tif", "w", **profile) as file:
            file.write((values * (1 + index / 10)).astype(np.uint8), 1)
    found = class_contrast.real_contrasts(tmp_path)
    assert found["water"] == pytest.approx([-20, -20], abs=0.2)
    assert found["forest"] == pytest.approx([0], abs=0.1) and found["field"] == pytest.approx([0, 0], abs=0.1)


def test_pixels_of_a_class_lie_well_within_it():
    surface = world(256, 5.0, 1, "coast")
    masks = class_contrast.class_masks(surface)
    cover = surface.cover.reshape(128, 2, 128, 2).permute(0, 2, 1, 3).flatten(2)
    assert masks["water"].sum() > 100
    assert (cover[masks["water"]] == Cover.WATER).all()
    assert not (masks["water"] & masks["urban"]).any()
