"""The extent: in a layer's CRS or as it was given, and what jobs and exports make of it."""

import pytest
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
)
from sarbridge.contract.errors import UserError
from sarbridge.processing_provider.algorithm import SarbridgeAlgorithm
from sarbridge.processing_provider.inputs.layers import wkt
from sarbridge.processing_provider.inputs.radar_geometry import radar_image
from sarbridge.processing_provider.parameters.extent import add_extent, extent_as_given, extent_in, extent_of_image
from sarbridge.tests.slc import ON_MAP, write_slc

pytestmark = pytest.mark.usefixtures("qgis_application")

GIVEN = "500000,500100,5300000,5300050"
BOX = QgsRectangle(500_000, 5_300_000, 500_100, 5_300_050)


def crs(code):
    return QgsCoordinateReferenceSystem(f"EPSG:{code}")


def image_of(path):
    return radar_image(QgsRasterLayer(path, "slc"), (), QgsProcessingFeedback())


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


def test_empty_brackets_are_the_projects_crs_which_has_no_code(asks):
    context, project = QgsProcessingContext(), QgsProject()
    own = QgsCoordinateReferenceSystem("PROJ:+proj=tmerc +lon_0=15.3 +k=0.9996 +x_0=500000 +ellps=GRS80")
    project.setCrs(own)
    context.setProject(project)
    given = {"EXTENT": f"{GIVEN} []"}
    assert extent_as_given(asks, given, context, crs(25833)).crs == own
    assert (
        extent_in(asks, given, context, crs(32633)).corners
        != extent_in(asks, {"EXTENT": GIVEN}, context, crs(32633)).corners
    )


@pytest.mark.parametrize("given", ["nan,nan,nan,nan", "-inf,inf,-inf,inf", "0,1,0,inf"])
def test_what_is_not_finite_is_refused(asks, given):
    for read in (extent_in, extent_as_given):
        with pytest.raises(UserError, match=r"Extent \(EXTENT\) must be .* four finite numbers"):
            read(asks, {"EXTENT": f"{given} [EPSG:32633]"}, QgsProcessingContext(), crs(32633))


def test_bare_numbers_without_any_crs_are_refused(asks):
    with pytest.raises(UserError, match=r"Extent \(EXTENT\): it has no coordinate reference system; give it one"):
        extent_as_given(asks, {"EXTENT": GIVEN}, QgsProcessingContext())


@pytest.mark.parametrize(
    "given, sentence",
    [
        ("9,1,0,5 [EPSG:32633]", "west (9) must be less than east (1)"),
        ("1,9,5,5 [EPSG:32633]", "south (5) less than north (5)"),
        ("170,-170,-10,10 [EPSG:4326]", "it reaches across 180 degrees, where coordinates jump; choose a part on one"),
        ("0,1,80,95 [EPSG:4326]", "latitudes end at 90 degrees, but it reaches from 80 to 95"),
        ("0,1,0,1 [EPSG:999999]", "QGIS knows no coordinate reference system 'EPSG:999999'; give another"),
    ],
)
def test_what_is_no_part_of_a_map_is_refused(asks, given, sentence):
    for read in (extent_in, extent_as_given):
        with pytest.raises(UserError) as raised:
            read(asks, {"EXTENT": given}, QgsProcessingContext(), crs(32633))
        assert str(raised.value).startswith("Extent (EXTENT): ") and sentence in str(raised.value)


def test_what_comes_to_lie_across_180_degrees_is_refused(asks):
    """The box around it would reach round the Earth."""
    given = {"EXTENT": "700000,1000000,0,100000 [EPSG:32660]"}
    with pytest.raises(UserError, match="it reaches across 180 degrees"):
        extent_in(asks, given, QgsProcessingContext(), crs(4326))
    assert extent_in(asks, given, QgsProcessingContext(), crs(32660)).rectangle.width() == 300_000


def test_the_whole_world_does_not_reach_across_180_degrees(asks):
    world = {"EXTENT": "-20000000,20000000,-9000000,9000000 [EPSG:3857]"}
    assert extent_in(asks, world, QgsProcessingContext(), crs(4326)).rectangle.width() > 359


def test_what_lies_where_a_layer_has_no_coordinates_is_refused(asks):
    """QGIS takes its numbers for those of the layer then."""
    with pytest.raises(UserError, match="it does not lie where the coordinates of the layer are defined"):
        extent_in(asks, {"EXTENT": "1e30,2e30,0,10 [EPSG:32633]"}, QgsProcessingContext(), crs(4326))


def test_an_empty_layer_has_no_extent(asks):
    """It would count as no extent, which means everything."""
    with pytest.raises(UserError, match=r"Extent \(EXTENT\) must be a layer that is not empty or four finite numbers"):
        extent_in(asks, {"EXTENT": QgsVectorLayer("Point", "empty", "memory")}, QgsProcessingContext(), crs(32633))


@pytest.mark.parametrize("text", ["10,60,-40,-8", "10,60,-40,-8 [EPSG:32633]"])
def test_of_an_image_that_lies_nowhere_it_counts_in_columns_and_rows(asks, text, tmp_path):
    """A rectangle that is drawn over it has the CRS of the project."""
    image = image_of(write_slc(tmp_path / "slc.tif"))
    extent = extent_of_image(asks, {"EXTENT": text}, QgsProcessingContext(), image)
    assert extent.corners == (10, 8, 60, 40) and extent.wkt == ""


def test_of_an_image_on_a_map_it_is_in_its_crs(asks, tmp_path):
    image, context = image_of(write_slc(tmp_path / "slc.tif", transform=ON_MAP)), QgsProcessingContext()
    given = {"EXTENT": "499990,500020,5299950,5300000 [EPSG:25833]"}
    assert extent_of_image(asks, given, context, image) == extent_in(asks, given, context, image.crs)
    assert extent_of_image(asks, {}, context, image).corners == ()


@pytest.mark.parametrize("place", [{"points": True}, {"polynomials": True}], ids=str)
def test_of_an_image_that_is_warped_to_be_shown_it_is_refused(asks, place, tmp_path):
    image, context = image_of(write_slc(tmp_path / "slc.tif", **place)), QgsProcessingContext()
    with pytest.raises(UserError, match=r"Extent \(EXTENT\): layer 'slc' is in radar geometry, and only points or a"):
        extent_of_image(asks, {"EXTENT": f"{GIVEN} [EPSG:32633]"}, context, image)
    assert extent_of_image(asks, {}, context, image).corners == ()


def test_rows_that_run_down_are_told_of(asks, tmp_path):
    image = image_of(write_slc(tmp_path / "slc.tif"))
    with pytest.raises(
        UserError, match="columns from 0 to 96 and its rows from -64 to 0; give .* such as '0,96,-64,0'"
    ):
        extent_of_image(asks, {"EXTENT": "0,96,0,64"}, QgsProcessingContext(), image)
