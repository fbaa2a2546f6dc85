"""Cities as training data: SAR, optical and buildings on one grid."""

import pytest
import torch
from sarbridge.engine.simulation.cities import building_at, city
from sarbridge.engine.simulation.radar.reflectivity import BRIGHT
from sarbridge.engine.simulation.radar.sar_presets import XBAND_HALF_METRE, XBAND_THREE_METRES
from sarbridge.engine.simulation.surfaces.surface import Surface


@pytest.mark.parametrize(("pixel_size", "preset"), [(1.0, XBAND_HALF_METRE), (2.5, XBAND_THREE_METRES)])
def test_a_city_has_all_layers_on_one_grid(pixel_size, preset):
    made = city(1, 96, pixel_size, preset, 2, ["terraces"], with_optical=True)
    assert made.sar.shape == (2, 96, 96) and made.building.shape == (96, 96) and made.optical.shape == (3, 96, 96)
    assert torch.isfinite(made.sar).all() and made.optical.min() >= 0 and made.optical.max() <= 1
    assert made.building.dtype == torch.int32 and made.building.max() > 0
    assert preset.incidence[0] <= made.incidence <= preset.incidence[1]
    assert set(made.polarisations) <= set(preset.polarisations) and made.look_azimuth in (0, 90, 180, 270)


def test_the_seed_decides():
    first, again, other = (city(seed, 64, 1.0, XBAND_HALF_METRE) for seed in (1, 1, 2))
    assert torch.equal(first.sar, again.sar) and not torch.equal(first.sar, other.sar)


def test_brighter_walls_are_of_the_same_city():
    drawn, bright = (city(1, 96, 1.0, XBAND_HALF_METRE, 1, ["terraces"], reflectivity=each) for each in (None, BRIGHT))
    assert torch.equal(drawn.building, bright.building) and bright.sar.std() > drawn.sar.std()


def test_a_pixel_belongs_to_the_building_on_most_of_it():
    building = torch.tensor([[1, 1, 0, 0], [1, 0, 0, 2], [0, 0, 3, 3], [0, 0, 3, 3]], dtype=torch.int32)
    flat = torch.zeros(4, 4)
    surface = Surface(1.0, flat, flat, torch.ones(4, 4, dtype=torch.uint8), building, torch.zeros(4))
    assert building_at(surface, 2).tolist() == [[1, 0], [0, 3]]
