"""Places that the X-band model learns from, between runs."""

import pytest
import torch
from sarbridge.recipes.buildings.places import Place, kept_place


@pytest.mark.parametrize("look_known", [True, False])
def test_a_simulated_place_is_the_same_from_its_file(look_known, tmp_path):
    labels = torch.tensor([[[0, 1], [2, 2]]], dtype=torch.int32)
    image = 10 ** torch.tensor([[[-2.0, -1.0], [0.0, 0.5]]])
    place = Place("city 3 (hills)", 1.0, image, labels, labels >= 0, 29.5, look_known, False)
    path = tmp_path / "cities" / "00003.safetensors"
    for found in (kept_place(path, lambda: place), kept_place(path, None)):
        assert (found.name, found.pixel, found.incidence) == ("city 3 (hills)", 1.0, 29.5)
        assert found.look_known is look_known and not found.is_rendering and found.valid.all()
        assert torch.equal(found.labels, labels)
        torch.testing.assert_close(found.image, image, rtol=1e-3, atol=0)
