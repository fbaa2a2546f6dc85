"""What cards of users' models say of the images: what inference then asks of a layer."""

from sarbridge.engine.training.image_entries import optical_entry, sar_entry


def test_polarisations_are_named_where_all_are_known():
    assert sar_entry(2, "dB", ("VV", "VH")) == {
        "bands": 2,
        "unit": "dB",
        "range": None,
        "polarisations": ["VV", "VH"],
    }
    assert sar_entry(2, "dB", ("VV", ""))["polarisations"] == []


def test_optical_images_are_between_0_and_1():
    assert optical_entry(3)["bands"] == 3 and optical_entry(3)["range"] == [0.0, 1.0]
