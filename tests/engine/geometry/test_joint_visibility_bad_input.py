"""What joint visibility refuses: surface and terrain models that make no sense, and views that nothing has."""

import numpy as np
import pytest
from sarbridge.contract.errors import UserError
from sarbridge.contract.geometry_jobs import OpticalView
from sarbridge.engine.geometry import joint_visibility
from sarbridge.tests.engine.geometry.surfaces import LEFT, TOP, KeptReports, write_surface
from sarbridge.tests.engine.geometry.visible_box import SIDE, make_job, run


def test_a_terrain_above_the_surface_is_refused(tmp_path):
    dtm = write_surface(tmp_path / "terrain.tif", np.full((SIDE, SIDE), 5.0))
    with pytest.raises(UserError, match="'dsm'.*'terrain'.*94 %"):
        run(make_job(tmp_path, dtm=dtm))
    assert not (tmp_path / "joint.tif").exists()


def test_a_terrain_model_elsewhere_is_refused(tmp_path):
    dtm = write_surface(tmp_path / "terrain.tif", np.zeros((SIDE, SIDE)), corner=(LEFT + 5000, TOP))
    with pytest.raises(UserError, match="'dsm' and 'terrain' do not overlap"):
        run(make_job(tmp_path, dtm=dtm))


def test_no_data_of_the_terrain_model_that_is_not_declared_is_refused(tmp_path):
    ground = np.zeros((SIDE, SIDE))
    ground[:, :5] = -9999
    with pytest.raises(UserError, match="'terrain' holds heights from -9999 to 0.*declare its no-data value"):
        run(make_job(tmp_path, dtm=write_surface(tmp_path / "terrain.tif", ground)))


def test_no_data_only_is_refused(tmp_path):
    dsm = write_surface(tmp_path / "empty.tif", np.full((20, 20), -1.0), nodata=-1)
    with pytest.raises(UserError, match="'empty'.*no data"):
        run(make_job(tmp_path, dsm=dsm))


@pytest.mark.parametrize(
    ("view", "said"),
    [
        ((400.0, 10.0), "view azimuth"),
        ((10.0, 75.0), "off-nadir"),
        ((10.0, -1.0), "off-nadir"),
        ((10.0, 10.0, 100.0, -3.0), "below the horizon"),
        ((10.0, 10.0, 100.0, 95.0), "sun elevation"),
        ((10.0, 10.0, 100.0), "both"),
    ],
)
def test_views_that_no_satellite_has_are_refused(view, said):
    with pytest.raises(UserError, match=said):
        OpticalView(*view)


@pytest.mark.parametrize(("level", "warned"), [(-45.0, 1), (0.0, 0)])
def test_a_terrain_that_is_nowhere_near_the_surface_is_warned_of(level, warned, tmp_path):
    """Heights from the ellipsoid in one model and from the geoid in the other."""
    reports, terrain = KeptReports(), write_surface(tmp_path / "terrain.tif", np.full((SIDE, SIDE), level))
    joint_visibility.run(make_job(tmp_path, dtm=terrain), reports)
    told = [text for text in reports.texts["warning"] if "from the same level" in text]
    assert len(told) == warned and all("'dsm'" in text and "'terrain'" in text and "100 %" in text for text in told)
