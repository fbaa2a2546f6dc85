"""The same image twice is refused by every algorithm that takes several layers."""

import shutil
from pathlib import Path

import numpy as np
import processing
import pytest
from osgeo import gdal
from qgis.core import QgsProject, QgsRasterLayer
from sarbridge.tests.image_pair import matching
from sarbridge.tests.qgis_session import complaint
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application", "engine")


@pytest.mark.parametrize("name", ["sar.tif", "link.tif", "copy.tif", "virtual.vrt"])
def test_matching_an_image_with_itself_is_refused(pair, out, name):
    folder = Path(pair[0]).parent
    (folder / "link.tif").symlink_to(pair[0])
    shutil.copy(pair[0], folder / "copy.tif")
    gdal.Translate(str(folder / "virtual.vrt"), pair[0], format="VRT")
    said = complaint("sarbridge:matchtiepoints", matching((pair[0], str(folder / name)), out))
    assert "SAR layer (SAR) and Optical layer (OPTICAL) are the same image, band 1 of layer 'sar'" in said
    assert not list(out.iterdir())


def test_matching_a_layer_of_the_project_with_itself_is_refused(pair, out):
    layer = QgsProject.instance().addMapLayer(QgsRasterLayer(pair[1], "photo"))
    said = complaint("sarbridge:matchtiepoints", matching((layer.id(), pair[1]), out))
    QgsProject.instance().clear()
    assert "are the same image, band 1 of layer 'photo'" in said


def test_sar_and_optical_bands_of_one_stack_are_matched(pair, out):
    stack = str(out.parent / "stack.vrt")
    gdal.BuildVRT(stack, list(pair), separate=True)
    found = processing.run("sarbridge:matchtiepoints", matching((stack, stack), out, OPTICAL_BANDS=[2]))
    assert found["MEAN_SHIFT_X_PX"] == pytest.approx(7, abs=0.05)


@pytest.mark.parametrize(
    "algorithm, one, other",
    [
        ("sardistortions", "DEM", "INCIDENCE_LAYER"),
        ("jointvisibility", "DSM", "DTM"),
        ("jointvisibility", "DSM", "INCIDENCE_LAYER"),
        ("simulatescene", "DSM", "DTM"),
    ],
)
def test_heights_do_not_serve_twice(out, algorithm, one, other):
    heights = write_raster(out.parent / "heights.tif", np.full((40, 40), 30.0))
    keys = ("SAR", "OPTICAL") if algorithm == "simulatescene" else ("OUTPUT",)
    outputs = {key: str(out / f"{key}.tif") for key in keys}
    said = complaint(f"sarbridge:{algorithm}", {one: heights, other: heights, "HEADING": 0, **outputs})
    assert f"({one}) and " in said and f"({other}) are the same image, band 1 of layer 'heights'" in said
    assert not list(out.iterdir())
