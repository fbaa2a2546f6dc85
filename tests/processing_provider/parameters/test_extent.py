"""The extent: in a layer's CRS or as it was given, and what jobs and exports make of it."""

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsPointXY,
    QgsProcessingContext,
    QgsProject,
    QgsRectangle,
)
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.algorithm import SarbridgeAlgorithm
from sarbridge.processing_provider.inputs.layers import wkt
from sarbridge.processing_provider.parameters.extent import add_extent, extent_as_given, extent_in

pytestmark = pytest.mark.usefixtures("qgis_application")

GIVEN = "500000,500100,5300000,5300050"
BOX = QgsRectangle(500_000, 5_300_000, 500_100, 5_300_050)


def crs(code):
    return QgsCoordinateReferenceSystem(f"EPSG:{code}")


class Asks(SarbridgeAlgorithm):
    """Asks for an extent."""

    def initAlgorithm(self, configuration=None):
        add_extent(self, "Where to look; empty: everywhere.")


@pytest.fixture
def asks():
    return Asks().create()


def test_without_an_extent_all_is_meant(asks):
    context = QgsProcessingContext()
    for extent in (extent_in(asks, {}, context, crs(32633)), extent_as_given(asks, {}, context)):
        assert extent.areas == () and extent.corners == () and extent.wkt == ""


def test_it_is_brought_into_the_crs_of_a_layer(asks):
    extent = extent_in(asks, {"EXTENT": f"{GIVEN} [EPSG:32633]"}, QgsProcessingContext(), crs(4326))
    west, south, east, north = extent.corners
    corner = QgsCoordinateTransform(crs(32633), crs(4326), QgsProject.instance()).transform(
        QgsPointXY(500_000, 5_300_000)
    )
    assert (west, south) == pytest.approx((corner.x(), corner.y()), abs=1e-6) and west < east and south < north
    assert extent.wkt == wkt(crs(4326))
    assert extent.areas == ((extent.rectangle, crs(4326)),)


def test_as_given_it_keeps_its_numbers_and_its_crs(asks):
    given = {"EXTENT": f"{GIVEN} [EPSG:32633]"}
    extent = extent_as_given(asks, given, QgsProcessingContext(), crs(25833))
    assert extent.corners == (500_000, 5_300_000, 500_100, 5_300_050)
    assert (extent.rectangle, extent.crs) == (BOX, crs(32633))


def test_bare_numbers_are_in_the_projects_crs_and_else_in_the_other(asks):
    context, project = QgsProcessingContext(), QgsProject()
    assert extent_as_given(asks, {"EXTENT": GIVEN}, context, crs(25833)).crs == crs(25833)
    project.setCrs(crs(3857))
    context.setProject(project)
    assert extent_as_given(asks, {"EXTENT": GIVEN}, context, crs(25833)).crs == crs(3857)


@pytest.mark.parametrize("given", ["nan,nan,nan,nan", "-inf,inf,-inf,inf", "0,1,0,inf"])
def test_what_is_not_finite_is_refused(asks, given):
    for read in (extent_in, extent_as_given):
        with pytest.raises(UserError, match=r"Extent \(EXTENT\) must be .* four finite numbers"):
            read(asks, {"EXTENT": f"{given} [EPSG:32633]"}, QgsProcessingContext(), crs(32633))


def test_bare_numbers_without_any_crs_are_refused(asks):
    with pytest.raises(UserError, match=r"Extent \(EXTENT\): it has no coordinate reference system; give it one"):
        extent_as_given(asks, {"EXTENT": GIVEN}, QgsProcessingContext())
