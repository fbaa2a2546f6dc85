"""What the simulator refuses, and what it only warns of."""

import math

import numpy as np
import pytest
import rasterio
from sarbridge.contract.errors import UserError
from sarbridge.contract.geometry_jobs import OpticalView, SarView
from sarbridge.contract.simulation_jobs import Misplacement
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, UTM, KeptReports, write_surface
from sarbridge.tests.engine.simulation.simulated_scenes import FINE, LOOK, SIDE, box, job_for, simulated


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"size": 64, "polarisations": ("XX",)}, "The polarisation must be one of"),
        ({"size": 5000}, "16 to 4096 pixels wide, got 5000"),
        ({"size": 64, "optical": OpticalView(0.0, 0.0)}, "without sun"),
        ({"size": 64, "outputs": {"sar": "a.tif"}}, "needs output files for the SAR and the optical image"),
        ({"size": 64, "misplacement": {"rotation": 60.0}}, "turned by up to 45 degrees"),
    ],
)
def test_what_a_job_refuses(tmp_path, fields, sentence):
    with pytest.raises(UserError, match=sentence):
        if "misplacement" in fields:
            fields = {**fields, "misplacement": Misplacement(**fields["misplacement"])}
        job_for(tmp_path, **fields)


def test_what_the_run_refuses(tmp_path):
    dem = write_surface(tmp_path / "dem.tif", box(), 0.5)
    empty = write_surface(tmp_path / "empty.tif", np.full((SIDE, SIDE), np.nan), 0.5, nodata=math.nan)
    higher = write_surface(tmp_path / "higher.tif", box() + 30, 0.5)
    crs = rasterio.crs.CRS.from_epsg(UTM).to_wkt()
    nowhere, huge = (LEFT, TOP, LEFT, TOP), (LEFT, TOP - 2e5, LEFT + 2e5, TOP)
    for sentence, fields in (
        ("'empty' holds only no data", {"dsm": empty}),
        ("surface model 'dem' lies more than", {"dsm": dem, "dtm": higher, **FINE}),
        ("would be 4 × 4 pixels of 10 m", {"dsm": dem}),
        ("has no size: give the lower left corner", {"extent": nowhere, "extent_crs": crs}),
        ("20000 × 20000 pixels of 10 m, and an invented scene has at most 4096", {"extent": huge, "extent_crs": crs}),
        ("of scenes of at most 2048 × 2048 cells", {"size": 1200, "landscape": "plain"}),
    ):
        wanted = ("sar", "optical", "slc") if "size" in fields else ("sar", "optical")
        with pytest.raises(UserError, match=sentence):
            simulated(tmp_path / "out", wanted, **fields)
        assert not list((tmp_path / "out").iterdir())


def test_absurd_heights_and_angles_are_told(tmp_path):
    reports = KeptReports()
    dem = write_surface(tmp_path / "dem.tif", box(), 0.5, unit="ell")
    view = SarView(LOOK, 60.0, 60.0)
    fields = {"sar": view, "optical_preset": "rgb0m5", "reporter": reports}
    simulated(tmp_path / "out", ("sar", "optical"), dsm=dem, **fields)
    assert any("declared as 'ell'" in text for text in reports.texts["warning"])
    assert any("looks at 29 to 46 degrees in reality, not at 60" in text for text in reports.texts["warning"])
