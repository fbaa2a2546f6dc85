"""What files of layers are called, whatever QGIS adds to their paths."""

import pytest
from osgeo import ogr
from qgis.core import QgsRasterLayer, QgsVectorLayer
from sarbridge.processing_provider.inputs.file_stem import file_stem
from sarbridge.processing_provider.inputs.polarisations import polarisations_of
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application")


@pytest.mark.parametrize("name", ["s1_vh", "a|s1_vh", "s1_vh|b", "a|layername=s1_vh"])
@pytest.mark.parametrize("added", ["", "|option:NUM_THREADS=2|option:SPARSE_OK=YES"])
def test_of_rasters_only_open_options_are_left_out(name, added, tmp_path):
    path = write_raster(tmp_path / f"{name}.tif", [[0.0, 1.0]])
    layer = QgsRasterLayer(f"{path}{added}", "layer")
    assert layer.isValid() and file_stem(layer) == name
    assert polarisations_of(layer, [1]) == ["VH"]


@pytest.mark.parametrize("added", ["", "|layername=roads", "|layerid=0", '|layername=roads|subset="fid" > 0'])
def test_of_vectors_layers_and_filters_are_left_out(added, tmp_path):
    source = ogr.GetDriverByName("GPKG").CreateDataSource(str(tmp_path / "tie points.gpkg"))
    source.CreateLayer("roads")
    source = None
    assert file_stem(QgsVectorLayer(f"{tmp_path / 'tie points.gpkg'}{added}", "layer", "ogr")) == "tie points"


def test_what_is_no_file_has_no_name():
    assert file_stem(QgsVectorLayer("Point", "layer", "memory")) == ""
