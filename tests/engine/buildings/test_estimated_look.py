"""Where the radar looks, found by a network that knows what lies on which side of a building."""

import pytest
import torch
from rasterio.transform import Affine
from sarbridge.engine.buildings import methods
from sarbridge.engine.buildings.building_network import BuildingNetwork
from sarbridge.engine.buildings.estimated_look import estimated_look
from sarbridge.engine.geometry.surface_model import surface_grid
from sarbridge.engine.inference.sar_scene import SarScene
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.engine.rasters.radiometry import sar_radiometry
from sarbridge.engine.rasters.raster_sample import sample_raster
from sarbridge.engine.rasters.scene_scale import scene_scale
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.buildings.bright_masks import LEFT, TOP, Leaning, town

LAYERS = {
    "projected": (420,),
    "turned": (480, Affine.translation(LEFT, TOP) * Affine.rotation(25) * Affine.scale(0.8, -0.8)),
    "degrees": (420, Affine(1.8e-5, 0, 15.0, 0, -9e-6, 60.0), 4326),
    "small": (240,),
}


def look(source):
    grid = surface_grid(source)
    with GridReader(source, grid) as reader:
        sample = sample_raster(reader, "in the layer")
    radiometry, _ = sar_radiometry(sample, "db")
    scale = scene_scale(sample.values, False)
    method = methods.Method(is_local=True, has_border=True, is_turned=True)
    network = BuildingNetwork(Leaning(), method, [scale], look_known=True)
    return estimated_look(
        network, SarScene(source, ("",), radiometry, (scale,)), grid, 1.0, torch.device("cpu"), NullReporter()
    )


@pytest.mark.parametrize("azimuth", [7.0, 98.0, 262.0])
@pytest.mark.parametrize("layer", LAYERS)
def test_the_look_is_found_on_any_lattice(layer, azimuth, tmp_path):
    found = look(town(tmp_path / "town.tif", azimuth, *LAYERS[layer]))
    assert abs((found.azimuth - azimuth + 180) % 360 - 180) < 10
    assert found.confidence > (0.9 if layer == "small" else 0.99)


def test_nothing_is_clear_where_nothing_stands(tmp_path):
    assert look(town(tmp_path / "sea.tif", 98.0, houses=0)).confidence < 0.99


@pytest.mark.parametrize("side", [40, 90])
def test_nothing_is_clear_in_a_tiny_image(side, tmp_path):
    assert look(town(tmp_path / "yard.tif", 98.0, side=side, houses=2)).confidence == 0
