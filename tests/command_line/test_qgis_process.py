"""The real `qgis_process` with the plugin installed from this checkout, on a pair with a planted shift."""

import signal
import subprocess
import time

import numpy as np
import pytest

pytest.importorskip("osgeo.gdal")

from osgeo import gdal  # noqa: E402
from sarbridge.tests.command_line.commands import command, results_of, run  # noqa: E402
from sarbridge.tests.image_pair import DOWN, LEFT, PIXEL, RIGHT, TOP  # noqa: E402
from sarbridge.tests.image_pair import matching as parameters_of_matching  # noqa: E402
from sarbridge.tests.qgis_session import QGIS_PROCESS  # noqa: E402
from sarbridge.tests.rasters import write_raster  # noqa: E402

pytestmark = pytest.mark.skipif(QGIS_PROCESS is None, reason="qgis_process is not installed")


def matching(pair, out, **parameters):
    return command("sarbridge:matchtiepoints", **parameters_of_matching(pair, out, **parameters))


def origin(path):
    transform = gdal.Open(str(path)).GetGeoTransform()
    return transform[0], transform[3]


def test_match_and_coregister(pair, out, environment):
    found = results_of(matching(pair, out), environment)
    assert found["MEAN_SHIFT_X_PX"] == pytest.approx(RIGHT, abs=0.05)
    assert found["MEAN_SHIFT_Y_PX"] == pytest.approx(DOWN, abs=0.05)
    assert (out / "points.qml").is_file()
    corrected = command(
        "sarbridge:coregister",
        INPUT=pair[1],
        POINTS=found["TIE_POINTS"],
        MOVES="optical",
        TRANSFORM="shift",
        OUTPUT=out / "corrected.vrt",
    )
    numbers = results_of(corrected, environment)
    assert numbers["RMSE_PX"] < 0.1
    assert origin(out / "corrected.vrt") == pytest.approx((LEFT + RIGHT * PIXEL, TOP - DOWN * PIXEL), abs=0.5)


def simulation(folder, **parameters):
    images = {"SAR": folder / "sar.tif", "OPTICAL": folder / "optical.tif"}
    return command("sarbridge:simulatescene", **{**images, **parameters})


def test_the_model_corrects_a_simulated_scene(tmp_path, out, environment):
    """With the default method and the shipped model; trees and walls move the match by a part of a pixel."""
    planted = {"SHIFT_RIGHT": 8.3, "SHIFT_DOWN": 5.6}
    scene = results_of(simulation(tmp_path, SEED=1, SIZE=384, LANDSCAPE="prairie", **planted), environment)
    shift = scene["MEAN_SHIFT_X"], scene["MEAN_SHIFT_Y"]
    assert shift == pytest.approx((83 / 0.9996, -56 / 0.9996), rel=1e-4)  # on the ground: the scale of UTM there
    outputs = {"match:Tie points": out / "points.gpkg", "coregister:Corrected": out / "corrected.tif"}
    images = {key: scene[key] for key in ("SAR", "OPTICAL")}
    results_of(command("sarbridge:matchandcoregister", **images, TRANSFORM="shift", **outputs), environment)
    assert (out / "points.gpkg").is_file()
    moved = [after - before for after, before in zip(origin(out / "corrected.tif"), origin(scene["OPTICAL"]))]
    assert moved == pytest.approx(shift, abs=6)


def test_a_simulated_block_of_gothenburg(out, environment, real_data):
    folder = real_data / "dsm" / "gothenburg"
    layers = {"DSM": folder / "DSM_KRbig.tif", "DTM": folder / "DEM_KRbig.tif"}
    sensors = {"SAR_PRESET": "xband_half_metre", "OPTICAL_PRESET": "rgb0m5", "POLARISATIONS": "HH"}
    found = results_of(simulation(out, **layers, **sensors, FOOTPRINTS_OUT=out / "buildings.gpkg"), environment)
    assert (gdal.Open(found["SAR"]).RasterXSize, gdal.Open(found["SAR"]).RasterYSize) == (468, 446)
    assert 30 < found["LAYOVER_SHARE"] < 70
    assert gdal.OpenEx(found["FOOTPRINTS_OUT"]).GetLayer(0).GetFeatureCount() > 10


def test_a_simulated_quarter_of_bilbao(tmp_path, out, environment, real_data):
    """Its layers hold heights above the ground, which the terrain is added to first; the river lies dark in the SAR."""
    folder = real_data / "dsm" / "bilbao"
    above, terrain = gdal.Open(str(folder / "BDSM.tif")), gdal.Open(str(folder / "DEM.tif"))
    left, width, _, top, _, height = above.GetGeoTransform()
    bounds = (left, top + above.RasterYSize * height, left + above.RasterXSize * width, top)
    size = {"width": above.RasterXSize, "height": above.RasterYSize}
    fine = gdal.Warp("", terrain, format="MEM", outputBounds=bounds, resampleAlg="bilinear", **size)
    dsm = gdal.GetDriverByName("GTiff").CreateCopy(str(tmp_path / "dsm.tif"), above)
    dsm.GetRasterBand(1).WriteArray(above.ReadAsArray() + fine.ReadAsArray())
    del dsm
    extent = f"{left + 800},{left + 1800},{top - 2200},{top - 1200} [EPSG:25830]"
    sensors = {"SAR_PRESET": "terrasarx_stripmap", "OPTICAL_PRESET": "pan2m5", "POLARISATIONS": "VV"}
    layers = {"DSM": tmp_path / "dsm.tif", "DTM": folder / "DEM.tif", "EXTENT": extent}
    found = results_of(simulation(out, **layers, **sensors, BUILDINGS=out / "buildings.tif"), environment)
    sar, buildings = (gdal.Open(found[key]).ReadAsArray() for key in ("SAR", "BUILDINGS"))
    assert sar.shape == buildings.shape == (399, 399)  # 1000 m, of whole pixels between whole cells of 2.502 m
    assert 0.02 < (buildings == 1).mean() < 0.6
    # Streets and yards shine too at X band (`Reflectivity`).
    assert sar[buildings == 1].mean() > sar[buildings == 0].mean() + 0.5


@pytest.mark.parametrize(
    "parameters, sentence",
    [
        ({"SAR": "/nowhere/sar.tif"}, "SAR layer (SAR): '/nowhere/sar.tif' cannot be read as a raster"),
        ({"SAR_BAND": 3}, "Band of the SAR layer (SAR_BAND) must be a band of layer 'sar', which has only 1; got '3'."),
        ({"TIE_POINTS": "/nowhere/points.gpkg"}, "the folder /nowhere does not exist"),
        ({"DEVICE": "cuda:7"}, "cuda:7"),
        ({"EXTENT": "0,1,0,1 [EPSG:4326]"}, "The extent lies outside the overlap of layers 'sar' and 'optical'"),
    ],
)
def test_bad_input_ends_with_code_1_and_a_sentence(pair, out, environment, parameters, sentence):
    done = run(matching(pair, out, **parameters), environment)
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert list(out.iterdir()) == []


def wait_for_engine(process):
    """Wait until a `qgis_process` has started its engine: Ctrl-C before that would meet a QGIS that is starting."""
    for _ in range(600):
        assert process.poll() is None, "the run ended before it could be interrupted"
        if (
            subprocess.run(["pgrep", "-P", str(process.pid), "-f", "worker.py"], stdout=subprocess.DEVNULL).returncode
            == 0
        ):
            return
        time.sleep(0.1)
    raise AssertionError("no engine process within a minute")


def test_ctrl_c_ends_with_code_1_and_leaves_nothing(pair, out, environment):
    slow = matching(pair, out, METHOD="mi", SPACING=8, GCP_POINTS=out / "gcp.points")  # takes minutes
    process = subprocess.Popen(slow, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        wait_for_engine(process)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=5)
    finally:
        process.kill()
    assert process.returncode == 1
    assert list(out.iterdir()) == []


@pytest.fixture
def wall_across(tmp_path):
    """A surface model of 60 × 80 cells of 1 m with a wall of 10 m, five cells thick, from north to south."""
    heights = np.zeros((60, 80))
    heights[:, 35:40] = 10
    return write_raster(tmp_path / "wall.tif", heights, corner=(LEFT, TOP))


def test_distortion_zones(wall_across, out, environment):
    """At 45° the layover is as long as the wall is high, and so is the shadow behind it."""
    zones = command(
        "sarbridge:sardistortions",
        DEM=wall_across,
        HEADING=180,
        LOOK_SIDE="left",
        INCIDENCE_ANGLE=45,
        OUTPUT=out / "zones.tif",
    )
    numbers = results_of(zones, environment)
    assert numbers["SHADOW_SHARE"] == pytest.approx(100 * 10 / 80, abs=1.3)
    assert numbers["LAYOVER_SHARE"] == pytest.approx(100 * (10 + 5) / 80, abs=2.6)
    assert sorted(path.name for path in out.iterdir()) == ["zones.qml", "zones.tif"]


def test_a_view_without_direction_ends_with_code_1_and_a_sentence(wall_across, out, environment):
    done = run(command("sarbridge:sardistortions", DEM=wall_across, OUTPUT=out / "zones.tif"), environment)
    assert done.returncode == 1
    assert "Nothing says where the radar looks" in done.stderr and "Traceback" not in done.stderr
    assert list(out.iterdir()) == []


def test_joint_visibility_and_points_in_visible_places_only(wall_across, pair, out, environment):
    """The radar looks east at 45°, the camera stands in the east: shadow east of the wall, occlusion west of it."""
    maps = command(
        "sarbridge:jointvisibility",
        DSM=wall_across,
        HEADING=0,
        INCIDENCE_ANGLE=45,
        OFF_NADIR=45,
        VIEW_AZIMUTH=90,
        OUTPUT=out / "joint.tif",
        CELLS=out / "cells.csv",
    )
    numbers = results_of(maps, environment)
    assert numbers["SCENE_NOT_VISIBLE"] == pytest.approx(100 * 20 / 80, abs=2.6)
    assert len((out / "cells.csv").read_text().splitlines()) == 1 + 60 * 80
    matched = results_of(matching(pair, out, VISIBILITY=out / "joint.tif"), environment)
    # The surface lies in the corner of the images, half a window away from the first candidate.
    assert matched["POINT_COUNT"] > 0 and matched["ACCEPTED_COUNT"] == 0
