"""Where the radar looks, found by a network that knows what lies on which side of a building."""

import numpy as np
import pytest
import rasterio
import torch
from rasterio.transform import Affine
from sarbridge.engine.buildings import methods
from sarbridge.engine.buildings.building_network import BuildingNetwork
from sarbridge.engine.buildings.estimated_look import estimated_look
from sarbridge.engine.geometry.surface_model import layer_grid
from sarbridge.engine.inference.sar_scene import SarScene
from sarbridge.engine.rasters.grid import Grid, Window
from sarbridge.engine.rasters.grid_reader import GridReader
from sarbridge.engine.rasters.radiometry import sar_radiometry
from sarbridge.engine.rasters.raster_sample import sample_raster
from sarbridge.engine.rasters.scene_scale import scene_scale
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.engine.buildings.bright_masks import LEFT, TOP, UTM, Leaning, town, write_radar
from sarbridge.tests.engine.wide_mosaic import wide_mosaic

LAYERS = {
    "projected": (420,),
    "turned": (480, Affine.translation(LEFT, TOP) * Affine.rotation(25) * Affine.scale(0.8, -0.8)),
    "degrees": (420, Affine(1.8e-5, 0, 15.0, 0, -9e-6, 60.0), 4326),
    "small": (240,),
}


def look(source, network=None, asked=None):
    grid = layer_grid(source)
    asked = asked or Window(0, 0, grid.width, grid.height)
    with GridReader(source, grid) as reader:
        sample = sample_raster(reader, "in the layer", asked)
    radiometry, _ = sar_radiometry(sample, "db")
    scale = scene_scale(sample.valid_values(), False)
    method = methods.Method(is_local=True, has_border=True, is_turned=True)
    network = BuildingNetwork(network or Leaning(), method, [scale], look_known=True)
    scene = SarScene(source, ("",), radiometry, (scale,))
    return estimated_look(network, scene, grid, asked, 1.0, torch.device("cpu"), NullReporter())


class Unsure(Leaning):
    """Surest along the line of sight as well, but nowhere sure of a building."""

    def forward(self, planes):
        return super().forward(planes) - 8


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


def test_nothing_is_clear_where_the_network_is_sure_of_nothing(tmp_path):
    source = town(tmp_path / "town.tif", 98.0)
    assert look(source).confidence > 0.99 and look(source, Unsure()).confidence == 0


def test_nothing_is_clear_in_a_strip_that_is_mostly_seen_mirrored(tmp_path):
    source = town(tmp_path / "town.tif", 98.0, side=900, houses=150)
    with rasterio.open(source.path) as whole:
        rows = whole.read(1)
    strip = write_radar(tmp_path / "strip.tif", rows[400:440])
    assert look(write_radar(tmp_path / "half.tif", rows[200:650])).confidence > 0.99
    assert look(strip).confidence == 0


@pytest.mark.parametrize("shape", [(40, 60_000), (60_000, 40), (9_000, 9_000)])
def test_about_as_many_places_are_read_of_any_layer(shape, tmp_path, monkeypatch):
    read = []
    monkeypatch.setattr(GridReader, "read_bands", lambda self, window: read.append(window) or nothing(window))
    grid = Grid(UTM.to_wkt(), Affine(1, 0, LEFT, 0, -1, TOP), *shape)
    source = write_radar(tmp_path / "sar.tif", np.zeros((2, 2)))
    scene = SarScene(source, ("",), None, (scene_scale(np.arange(9.0), False),))
    whole = Window(0, 0, *shape)
    found = estimated_look(torch.nn.Identity(), scene, grid, whole, 1.0, torch.device("cpu"), NullReporter())
    assert found.confidence == 0 and 20 <= len(read) <= 32


def nothing(window):
    return np.zeros((1, window.height, window.width), np.float32), np.zeros((window.height, window.width), bool)


def test_a_wide_mosaic_is_looked_at_where_it_is_asked_for(tmp_path):
    """It has more pixels than can be worked on at once, of which 420 × 420 have data that nobody happens to see."""
    wide, _ = wide_mosaic(tmp_path / "wide.vrt", town(tmp_path / "town.tif", 98.0), 51_000, 71_000)
    found = look(wide, asked=Window(51_000, 71_000, 420, 420))
    assert abs(found.azimuth - 98) < 10 and found.confidence > 0.99
