"""Every value given for any parameter of any algorithm is used, or refused by a sentence with its label and key."""

import pytest
from osgeo import ogr, osr
from qgis.core import (
    NULL,
    QgsApplication,
    QgsExpressionContextUtils,
    QgsProcessingContext,
    QgsProcessingParameterBand,
    QgsProcessingParameterColor,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterRasterLayer,
    QgsProperty,
)
from sarbridge.processing_provider.algorithm import SarbridgeAlgorithm
from sarbridge.processing_provider.parameters.reading import read_values
from sarbridge.tests.processing_provider.parameters.hostile_values import readable, unreadable
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application")

ALGORITHMS = (
    "alignimages",
    "matchtiepoints",
    "coregister",
    "matchandcoregister",
    "evaluatematching",
    "sardistortions",
    "jointvisibility",
    "simulatescene",
    "translatetooptical",
    "evaluatetranslation",
    "trainmatcher",
    "traintranslator",
    "buildpatches",
    "extractbuildings",
    "trainbuildings",
    "evaluatebuildings",
    "despeckle",
    "traindespeckler",
    "setupengine",
    "checkengine",
)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    polygons = ogr.GetDriverByName("GPKG").CreateDataSource(str(folder / "polygons.gpkg"))
    system = osr.SpatialReference()
    system.ImportFromEPSG(32633)
    layer = polygons.CreateLayer("polygons", system, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("h", ogr.OFTReal))
    (folder / "a.safetensors").write_bytes(b"weights")
    return {
        "raster": write_raster(folder / "raster.tif", [[[0.0] * 10] * 12] * 3),
        "polygons": str(folder / "polygons.gpkg"),
        "folder": str(folder),
        "model": str(folder / "a.safetensors"),
    }


@pytest.fixture
def context():
    context = QgsProcessingContext()
    context.expressionContext().appendScope(QgsExpressionContextUtils.globalScope())
    return context


def created(name):
    return QgsApplication.processingRegistry().createAlgorithmById(f"sarbridge:{name}")


def good(algorithm, files):
    """Return values for what is needed, and for the layers that bands and fields are of."""
    values = {}
    for each in algorithm.parameterDefinitions():
        is_needed = not each.flags() & each.Flag.FlagOptional
        if isinstance(each, QgsProcessingParameterRasterLayer):
            values[each.name()] = files["raster"]
        elif isinstance(each, QgsProcessingParameterMultipleLayers) and is_needed:
            values[each.name()] = [files["raster"]]
        elif isinstance(each, (QgsProcessingParameterFeatureSource, QgsProcessingParameterMapLayer)):
            values[each.name()] = files["polygons"]
        elif each.isDestination():
            values[each.name()] = f"{each.name()}.{each.defaultFileExtension()}"
    return values


def test_every_algorithm_is_here():
    provider = QgsApplication.processingRegistry().providerById("sarbridge")
    assert {each.name() for each in provider.algorithms()} == set(ALGORITHMS)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_cannot_be_read_is_refused_by_label_and_key(name, files, context):
    algorithm = created(name)
    values = good(algorithm, files)
    assert algorithm.checkParameterValues(values, context) == (True, "")
    for each in algorithm.parameterDefinitions():
        for value in unreadable(each, files):
            acceptable, said = algorithm.checkParameterValues({**values, each.name(): value}, context)
            told = f"{each.name()} = {value!r}: {said}"
            assert not acceptable, told
            assert said.startswith(f"{each.description()} ({each.name()})"), told
            assert said.endswith(".") and said.isprintable() and "object at" not in said, told


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_can_be_read_is_used(name, files, context):
    algorithm = created(name)
    values = good(algorithm, files)
    for each in algorithm.parameterDefinitions():
        for value, used in readable(each, files):
            given = {**values, each.name(): value}
            assert read_values(algorithm, given, context)[each.name()] == used, f"{each.name()} = {value!r}"
            assert algorithm.checkParameterValues(given, context) == (True, ""), f"{each.name()} = {value!r}"


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("empty", [None, "", "  ", NULL, QgsProperty()])
def test_what_is_empty_counts_as_left_out_and_what_is_needed_is_asked_for(name, empty, files, context):
    algorithm = created(name)
    values = good(algorithm, files)
    for each in algorithm.parameterDefinitions():
        is_needed = each.defaultValue() is None and not each.flags() & each.Flag.FlagOptional
        acceptable, said = algorithm.checkParameterValues({**values, each.name(): empty}, context)
        assert acceptable != is_needed
        assert said == (f"{each.description()} ({each.name()}) is needed: give it and run again." if is_needed else "")


@pytest.mark.parametrize("name", ALGORITHMS)
def test_a_key_that_is_none_is_refused(name, files, context):
    algorithm = created(name)
    values = good(algorithm, files)
    first = algorithm.parameterDefinitions()[0]
    for key in (first.name().lower(), f"{first.name()}_"):
        said = algorithm.checkParameterValues({**values, key: 1}, context)[1]
        assert said.startswith(f"'{key}' is no parameter of {algorithm.displayName()}: ")
        assert said.endswith(f"perhaps {first.description()} ({first.name()}) is meant.")
    assert "is no parameter of" in algorithm.checkParameterValues({**values, "QUITE_ANOTHER": 1}, context)[1]
    assert algorithm.checkParameterValues({**values, "QUITE_ANOTHER": None}, context)[0]


@pytest.mark.parametrize("name", ALGORITHMS)
def test_bands_and_fields_of_no_layer_are_refused(name, files, context):
    """Nothing would be read from them."""
    algorithm = created(name)
    for each in algorithm.parameterDefinitions():
        if isinstance(each, (QgsProcessingParameterBand, QgsProcessingParameterField)):
            parent = algorithm.parameterDefinition(each.parentLayerParameterName())
            if parent.flags() & parent.Flag.FlagOptional:
                given = {**good(algorithm, files), parent.name(): None, each.name(): 2}
                said = algorithm.checkParameterValues(given, context)[1]
                assert said.startswith(f"{each.description()} ({each.name()}): there is no layer to take it from")
                usual = {**given, each.name(): each.defaultValue()}
                assert algorithm.checkParameterValues(usual, context)[0]


def test_a_parameter_of_a_new_kind_needs_a_reader(context):
    class Colourful(SarbridgeAlgorithm):
        def initAlgorithm(self, configuration=None):
            self.addParameter(QgsProcessingParameterColor("COLOUR", "Colour", defaultValue="red"))

    with pytest.raises(TypeError, match="no reader for parameters of the type 'color', such as COLOUR"):
        Colourful().create().checkParameterValues({"COLOUR": "red"}, context)
