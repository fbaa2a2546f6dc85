"""Jobs of buildings that make no sense are refused where they are made."""

import pytest
from sarbridge.contract.buildings_jobs import ExtractBuildingsJob
from sarbridge.contract.errors import UserError
from sarbridge.contract.sources import RasterSource

SAR = RasterSource("x_hh", "/images/x_hh.tif", "EPSG:32631")


@pytest.mark.parametrize(
    "entries, sentence",
    [
        ({"model": ""}, "Buildings are found by a model: choose one of the list"),
        ({"mask": ""}, "need an output file for the footprints and one for the mask"),
        ({"look_azimuth": 360.0}, "look azimuth must lie between 0 and 360"),
        ({"incidence": 4.0}, "incidence angle must lie between 5 and 80"),
        ({"threshold": 1.5}, "threshold must be a probability"),
        ({"min_area": -1.0}, "smallest area must be 0 m² or more"),
        ({"polarisations": ("HH", "HV")}, "polarisations"),
    ],
)
def test_what_cannot_be_extracted(entries, sentence):
    paths = {"model": "model.safetensors", "footprints": "footprints.txt", "mask": "mask.tif"}
    with pytest.raises(UserError, match=sentence):
        ExtractBuildingsJob(SAR, **{**paths, **entries})
