"""Ground control points and polynomials, carried over to rasters of the same pixels or a part of them."""

from dataclasses import replace

import numpy as np
import pytest
from sarbridge.engine.rasters.carried_place import NO_PLACE, carried_place
from sarbridge.engine.rasters.grid import Window, part
from sarbridge.engine.rasters.map_file import MapWriter
from sarbridge.engine.rasters.own_pixels import own_grid
from sarbridge.tests.engine.rasters.placed_images import (
    LONLAT,
    POINTS,
    ROTATED,
    RPCS,
    opened,
    places_of,
    write_anywhere,
)

IMAGE = np.ones((1, 70, 90), np.float32)


def carried(tmp_path, window, **place):
    source = write_anywhere(tmp_path / "before.tif", IMAGE, **place)
    with MapWriter(tmp_path / "after.tif", part(own_grid(source), window), "float32") as writer:
        carried_place(source, window).write(writer.dataset)
        writer.write(np.ones((window.height, window.width), np.float32), Window(0, 0, window.width, window.height))
    return opened(tmp_path / "after.tif")


@pytest.mark.parametrize("window", [Window(0, 0, 90, 70), Window(12, 7, 40, 30)])
def test_points_and_polynomials_move_with_the_pixels(window, tmp_path):
    with carried(tmp_path, window, points=POINTS, rpcs=RPCS) as after:
        points, crs = after.gcps
        assert after.crs is None and after.transform.is_identity and crs == LONLAT
        np.testing.assert_allclose(places_of(points), places_of(POINTS) - [window.row, window.col, 0, 0, 0])
        moved = {**RPCS.to_dict(), "line_off": 40 - window.row, "samp_off": 50 - window.col}
        found = after.rpcs.to_dict()
        for key in set(moved) - {"err_bias", "err_rand"}:  # not known: GDAL writes 0 for it
            np.testing.assert_allclose(found[key], moved[key], err_msg=key)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["after.tif", "before.tif"]


def test_a_place_on_the_map_and_polynomials(tmp_path):
    with carried(tmp_path, Window(12, 7, 40, 30), transform=ROTATED, rpcs=RPCS) as after:
        assert after.transform == ROTATED * ROTATED.translation(12, 7)
        assert (after.rpcs.line_off, after.rpcs.samp_off) == (33, 38)


def test_a_place_on_the_map_wins_over_points_beside_it(tmp_path):
    """Only some formats hold both; set in a GeoTIFF, points take the geotransform's place."""
    on_map = write_anywhere(tmp_path / "on_map.tif", IMAGE, transform=ROTATED)
    write_anywhere(tmp_path / "points.tif", IMAGE, points=POINTS)
    both = tmp_path / "both.vrt"
    with opened(on_map.path) as file, opened(tmp_path / "points.tif") as points:
        place = "".join(
            f'<GCP Pixel="{each.col}" Line="{each.row}" X="{each.x}" Y="{each.y}"/>' for each in points.gcps[0]
        )
        numbers = ", ".join(map(str, file.transform.to_gdal()))
    both.write_text(
        f'<VRTDataset rasterXSize="90" rasterYSize="70"><SRS>{on_map.crs}</SRS><GeoTransform>{numbers}</GeoTransform>'
        f'<GCPList Projection="EPSG:4326">{place}</GCPList><VRTRasterBand dataType="Float32" band="1"><SimpleSource>'
        f"<SourceFilename>{on_map.path}</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>"
        "</VRTDataset>"
    )
    with opened(both) as file:
        assert file.gcps[0], "the file holds both"
    window = Window(0, 0, 90, 70)
    assert carried_place(replace(on_map, path=str(both)), window) == NO_PLACE


def test_nothing_is_said_where_nothing_is_known(tmp_path):
    with carried(tmp_path, Window(5, 5, 9, 9)) as after:
        assert not after.gcps[0] and after.rpcs is None and after.transform.is_identity
