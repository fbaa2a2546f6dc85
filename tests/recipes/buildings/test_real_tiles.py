"""Real tiles: on which side of them the radar was, by the buildings' bright walls."""

import numpy as np
import pytest
from matplotlib.image import imsave
from sarbridge.recipes.buildings.real_tiles import real_tiles

SIDE = 60


@pytest.fixture
def tile(tmp_path):
    """Writes grey values 0..1 and buildings [SIDE, SIDE] as a figure on pixels of a metre; gives the tile as read."""
    folder = tmp_path / "buildings" / "sn6_sar"
    folder.mkdir(parents=True)
    (folder / "index.csv").write_text("name,source,m_per_px\ntile,notebook,1.0\n")

    def read(grey, built, pixel=1.0):
        for name, image in (("sar", grey), ("building", built), ("valid", np.ones_like(grey))):
            imsave(folder / f"tile_{name}.png", image.astype(float), cmap="gray", vmin=0, vmax=1)
        [place] = real_tiles(tmp_path, ("tile",), pixel)
        return place

    return read


def town(bright):
    """Two halls, one of which the figure's lower edge cuts, with bright ground beside them in rows of the first."""
    grey, built = np.full((SIDE, SIDE), 0.4), np.zeros((SIDE, SIDE), bool)
    built[20:30, 10:50] = built[45:, 10:50] = True
    grey[bright] = 0.9
    return grey, built


@pytest.mark.parametrize("pixel", [1.0, 2.5])
def test_tiles_are_turned_until_the_radar_is_in_the_north(tile, pixel):
    for bright, edge in ((slice(12, 20), -1), (slice(30, 38), 0)):
        place = tile(*town(bright), pixel)
        assert place.look_known
        assert place.labels[0, edge].any() and not place.labels[0, -1 - edge].any()
    assert not tile(*town(slice(54, 56)), pixel).look_known


def test_the_other_edge_of_a_figure_is_not_beside_a_building(tile):
    grey, built = town(slice(12, 20))
    grey[3:8] = 1.0  # in the south of the hall at the lower edge, if rows went round
    place = tile(grey, built)
    assert place.look_known and place.labels[0, -1].any()
