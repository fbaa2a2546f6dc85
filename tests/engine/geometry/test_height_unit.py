"""Heights in other units than metres: converted where a layer states its unit, warned of where it should."""

from dataclasses import replace

import numpy as np
import pytest
import rasterio.shutil
from rasterio.crs import CRS
from sarbridge.contract.geometry_jobs import SarDistortionsJob, SarView
from sarbridge.engine.geometry import sar_distortions
from sarbridge.engine.geometry.height_unit import HeightUnit, in_metres, stated_unit
from sarbridge.engine.geometry.surface_model import SurfaceModel
from sarbridge.tests.engine.geometry.surfaces import KeptReports, write_surface

FOOT, SURVEY_FOOT = 0.3048, 1200 / 3937
NEW_YORK = 2263  # US survey feet, and so is the vertical system 6360; 5703 counts in metres
STATED = {
    "ft": ({"unit": "ft"}, FOOT),
    "Feet": ({"unit": "Feet"}, FOOT),
    "US survey foot": ({"unit": "US survey foot"}, SURVEY_FOOT),
    "m": ({"unit": "m"}, 1.0),
    "cm": ({"unit": "cm"}, 0.01),
    "vertical system in feet": ({"crs": f"EPSG:{NEW_YORK}+6360"}, SURVEY_FOOT),
    "vertical system in metres": ({"crs": f"EPSG:{NEW_YORK}+5703"}, 1.0),
}


def surface(path, heights, **options):
    corner = (984_250.0, 200_000.0) if "crs" in options else (500_000, 5_300_000)
    return write_surface(path, heights, corner=corner, **options)


@pytest.mark.parametrize("case", STATED)
def test_a_stated_unit_is_converted(tmp_path, case):
    options, metres = STATED[case]
    source = surface(tmp_path / "dem.tif", np.arange(400.0).reshape(20, 20) % 30, **options)
    assert stated_unit(source).metres == pytest.approx(metres)
    reports = KeptReports()
    model = SurfaceModel.surveyed(source, (), reports)
    assert model.relief == pytest.approx(29 * metres, rel=1e-6)
    assert reports.texts["warning"] == []
    told = [text for text in reports.texts["info"] if "converted to metres" in text]
    assert len(told) == (metres != 1) and all("layer 'dem' are stated in" in text for text in told)


def test_the_layers_own_system_states_the_unit_of_a_file_without(tmp_path):
    source = write_surface(tmp_path / "dem.asc.tif", np.ones((4, 4)))
    compound = type(source)(source.name, source.path, CRS.from_user_input("EPSG:32633+6360").to_wkt())
    assert stated_unit(source) is None and in_metres(source) == source
    assert stated_unit(compound) == HeightUnit("US survey foot", pytest.approx(SURVEY_FOOT))


def test_declared_no_data_is_compared_before_the_conversion(tmp_path):
    heights = np.full((20, 20), 100.0)
    heights[:5] = -99.0
    source = surface(tmp_path / "dem.tif", heights, unit="ft")
    source = type(source)(source.name, source.path, source.crs, nodata=((-99.0, -99.0),))
    assert SurfaceModel.surveyed(source, (), KeptReports()).relief == 0


def test_a_mosaic_that_forgets_the_unit_of_its_parts_is_warned_of(tmp_path):
    for unit, words in (("ft", "state no unit, while those of the files that it refers to are in 'ft'"), ("m", "")):
        part, mosaic = surface(tmp_path / f"{unit}.tif", np.ones((20, 20)), unit=unit), tmp_path / f"{unit}.vrt"
        rasterio.shutil.copy(part.path, mosaic, driver="VRT")
        mosaic.write_text(mosaic.read_text().replace(f"<UnitType>{unit}</UnitType>", ""))
        reports = KeptReports()
        SurfaceModel.surveyed(replace(part, path=str(mosaic)), (), reports)
        assert len(reports.texts["warning"]) == bool(words) and words in "".join(reports.texts["warning"])


def layover(folder, heights, **options):
    """Return (percent laid over, warnings) of a hill on a grid in US survey feet."""
    reports = KeptReports()
    dem = surface(folder / "dem.tif", heights, cell=33.0, **options)
    job = SarDistortionsJob(dem, SarView(90.0, 35.0, 35.0), str(folder / "zones.tif"), device="cpu")
    return sar_distortions.run(job, reports)["numbers"]["LAYOVER_SHARE"], reports.texts["warning"]


def test_layover_of_heights_in_feet_on_a_map_in_feet(tmp_path):
    """A ridge of 30° is not laid over at an incidence of 35°; taken for metres, its feet are 62° steep, and a warning
    says so. With the unit stated nothing is laid over, as in metres."""
    ridge = np.maximum(0, 600 - np.abs(np.arange(60) - 30) * 33 * np.tan(np.radians(30))) + np.zeros((60, 1))
    share, warnings = layover(tmp_path, ridge, crs=NEW_YORK)
    assert share > 10 and any("state no unit on a map that counts in 'US survey foot'" in text for text in warnings)
    assert layover(tmp_path, ridge, crs=NEW_YORK, unit="ft") == (0, [])
    assert layover(tmp_path, ridge, crs=f"EPSG:{NEW_YORK}+6360") == (0, [])
    assert layover(tmp_path, ridge * SURVEY_FOOT, crs=f"EPSG:{NEW_YORK}+5703") == (0, [])
