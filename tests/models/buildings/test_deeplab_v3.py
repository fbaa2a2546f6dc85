"""DeepLabV3: as large as the MERLIN-Seg document says, and what it keeps of an image's size."""

import pytest
import torch
from sarbridge.models.buildings.deeplab_v3 import DeepLabV3


@pytest.mark.parametrize(("layers", "expected"), [(50, 39_627_713), (101, 58_619_841)])
def test_it_is_as_large_as_the_document_says(layers, expected):
    """'About 40 M and 60 M' (section 4.2)."""
    with torch.device("meta"):
        assert sum(each.numel() for each in DeepLabV3(layers).parameters()) == expected


def test_maps_are_at_an_eighth_and_logits_at_full_size():
    network = DeepLabV3(50).eval()
    planes = torch.randn(1, 1, 64, 96)
    assert network.encoder(planes).shape == (1, 2048, 8, 12)
    assert network(planes).shape == (1, 1, 64, 96)
