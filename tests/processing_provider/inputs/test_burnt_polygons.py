"""Footprints → a raster: which cells are burnt, whatever the CRS, and that GDAL has nothing to warn of."""

import numpy as np
import pytest

pytest.importorskip("qgis.core")

from osgeo import gdal, osr  # noqa: E402
from qgis.core import (  # noqa: E402
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCoordinateTransformContext,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSource,
    QgsProcessingFeedback,
    QgsVectorLayer,
)
from sarbridge.contract.errors import UserError  # noqa: E402
from sarbridge.contract.sources import RasterSource  # noqa: E402
from sarbridge.processing_provider.inputs.burnt_polygons import burn_footprints  # noqa: E402
from sarbridge.processing_provider.inputs.export import Export  # noqa: E402
from sarbridge.processing_provider.inputs.layers import wkt  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application", "gdal_failures")


def surface(path, crs, left, top, cell):
    """Write a raster of 12 by 10 cells; return its source and its CRS."""
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), 12, 10, 1, gdal.GDT_Float32)
    dataset.SetGeoTransform((left, cell, 0, top, 0, -cell))
    system = osr.SpatialReference()
    system.SetFromUserInput(crs)
    dataset.SetSpatialRef(system)
    crs = QgsCoordinateReferenceSystem(crs)
    return RasterSource("dsm", str(path), wkt(crs)), crs


def burn(shape, crs, dsm, dsm_crs, folder):
    """Burn one polygon given as WKT; return the values and what GDAL warned of."""
    layer = QgsVectorLayer(f"Polygon?crs={crs}", "houses", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(shape))
    layer.dataProvider().addFeature(feature)
    context, warnings = QgsProcessingContext(), []
    source = QgsProcessingFeatureSource(layer, context)
    gdal.PushErrorHandler(lambda level, number, text: warnings.append(text))
    try:
        export = Export(folder, (), QgsCoordinateTransformContext(), QgsProcessingFeedback())
        burnt = burn_footprints(source, dsm, dsm_crs, export)
    finally:
        gdal.PopErrorHandler()
    assert (burnt.name, burnt.crs) == ("houses", dsm.crs)
    return gdal.Open(burnt.path).ReadAsArray(), warnings


@pytest.mark.parametrize(
    ("crs", "left", "top", "cell"), [("EPSG:32633", 500_000, 5_000_000, 2), ("EPSG:4326", 15, 45, 0.25)]
)
def test_cells_that_the_outline_touches_are_burnt(tmp_path, crs, left, top, cell):
    """Columns 2 to 4, rows 3 to 5; in degrees a swap of the axes would put them elsewhere."""
    right, bottom = left + 4.5 * cell, top - 5.5 * cell
    x, y = left + 2.5 * cell, top - 3.5 * cell
    box = f"POLYGON(({x} {y},{right} {y},{right} {bottom},{x} {bottom},{x} {y}))"
    values, warnings = burn(box, crs, *surface(tmp_path / "dsm.tif", crs, left, top, cell), tmp_path)
    expected = np.zeros((10, 12))
    expected[3:6, 2:5] = 1
    np.testing.assert_array_equal(values, expected)
    assert warnings == []


@pytest.mark.parametrize("crs, shift", [("EPSG:4326", 0), ("EPSG:4326", 360), ("EPSG:32601", 0)])
def test_footprints_beyond_180_degrees_are_burnt(tmp_path, crs, shift):
    """The surface is counted on to 181°; the footprint lies on both sides of 180°, however its own layer counts."""
    dsm = surface(tmp_path / "dsm.tif", "EPSG:4326", 179.25, 45, 0.125)
    box = QgsGeometry.fromWkt(
        "POLYGON((179.9 44.9,179.9 44.6,-179.6 44.6,-179.6 44.9,179.9 44.9))"
        if not shift
        else "POLYGON((-180.1 44.9,-180.1 44.6,-179.6 44.6,-179.6 44.9,-180.1 44.9))"
    )
    target = QgsCoordinateReferenceSystem(crs)
    if target != dsm[1]:
        box.transform(QgsCoordinateTransform(dsm[1], target, QgsCoordinateTransformContext()))
    values, _ = burn(box.asWkt(12), crs, *dsm, tmp_path)
    expected = np.zeros((10, 12))
    expected[0:4, 5:10] = 1
    np.testing.assert_array_equal(values, expected)


def test_the_courtyard_of_a_curved_footprint_stays_ground(tmp_path):
    """A ring of radii 8 and 4 metres about the middle of 24 by 20 metres."""
    dsm = surface(tmp_path / "dsm.tif", "EPSG:32633", 0, 20, 2)
    ring = "CURVEPOLYGON(CIRCULARSTRING(4 10,12 18,20 10,12 2,4 10),CIRCULARSTRING(8 10,12 14,16 10,12 6,8 10))"
    values, _ = burn(ring, "EPSG:32633", *dsm, tmp_path)
    ring_cells, outline_cells = np.pi * (8**2 - 4**2) / 4, 2 * np.pi * (8 + 4) / 2
    assert ring_cells < values.sum() < ring_cells + outline_cells  # cells that are touched included
    assert not values[4:6, 5:7].any() and values[4:6, 2:4].all() and not values[:, [0, -1]].any()


def test_footprints_elsewhere_are_refused(tmp_path):
    dsm = surface(tmp_path / "dsm.tif", "EPSG:32633", 500_000, 5_000_000, 2)
    with pytest.raises(UserError, match="No footprint of layer 'houses' lies on layer 'dsm'"):
        burn("POLYGON((0 0,1 0,1 1,0 0))", "EPSG:32633", *dsm, tmp_path)


def test_a_surface_that_went_away_is_one_sentence(tmp_path):
    dsm, crs = surface(tmp_path / "dsm.tif", "EPSG:32633", 500_000, 5_000_000, 2)
    (tmp_path / "dsm.tif").unlink()
    with pytest.raises(UserError, match="^Layer 'dsm' cannot be opened"):
        burn("POLYGON((0 0,1 0,1 1,0 0))", "EPSG:32633", dsm, crs, tmp_path)
