"""Footprints → a raster: which cells are burnt, whatever the CRS, and that GDAL has nothing to warn of."""

import numpy as np
import pytest

pytest.importorskip("qgis.core")

from osgeo import gdal, osr  # noqa: E402
from qgis.core import (  # noqa: E402
    QgsCoordinateReferenceSystem,
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
from sarbridge.processing_provider.inputs.export import Export  # noqa: E402
from sarbridge.processing_provider.inputs.footprint_raster import burn_footprints  # noqa: E402
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


def test_footprints_elsewhere_are_refused(tmp_path):
    dsm = surface(tmp_path / "dsm.tif", "EPSG:32633", 500_000, 5_000_000, 2)
    with pytest.raises(UserError, match="No footprint of layer 'houses' lies on layer 'dsm'"):
        burn("POLYGON((0 0,1 0,1 1,0 0))", "EPSG:32633", *dsm, tmp_path)


def test_a_surface_that_went_away_is_one_sentence(tmp_path):
    dsm, crs = surface(tmp_path / "dsm.tif", "EPSG:32633", 500_000, 5_000_000, 2)
    (tmp_path / "dsm.tif").unlink()
    with pytest.raises(UserError, match="^Layer 'dsm' cannot be opened"):
        burn("POLYGON((0 0,1 0,1 1,0 0))", "EPSG:32633", dsm, crs, tmp_path)
