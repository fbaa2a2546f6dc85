"""The styles in QGIS: every one loads, names and rounds every field, and shows what it should."""

import numpy as np
import pytest
from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsFeature,
    QgsGeometry,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsRasterLayer,
    QgsRenderContext,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from sarbridge.contract.tie_points import REASONS, REJECTED_COLOUR, SCORE_CLASSES, SIGMA_CLASSES
from sarbridge.processing_provider.outputs import styles
from sarbridge.processing_provider.outputs.building_layer import building_fields, found_building_fields
from sarbridge.processing_provider.outputs.layer_fields import layer_fields
from sarbridge.processing_provider.outputs.patch_layer import patch_fields
from sarbridge.processing_provider.outputs.tie_point_layers import LINE, POINT, tie_point_fields
from sarbridge.tests.rasters import write_raster

pytestmark = pytest.mark.usefixtures("qgis_application")

CELL_TYPES = {
    **dict.fromkeys(("x", "y", "height", "slant_range", "azimuth", "sar_x", "sar_y", "opt_x", "opt_y"), float),
    **dict.fromkeys(("id", "col", "row", "radar_shadow", "facade_layover", "other_layover", "occlusion"), int),
    **dict.fromkeys(("sun_shadow", "facade", "visibility"), int),
}
"""Those of `engine/geometry/cell_table.py`; `test_joint_visibility.py` looks at a real table."""

VECTORS = {
    styles.TIE_POINTS: (POINT, tie_point_fields),
    styles.SHIFT_VECTORS: (LINE, tie_point_fields),
    styles.BUILDINGS: (QgsWkbTypes.Type.Polygon, building_fields),
    styles.FOOTPRINTS: (QgsWkbTypes.Type.Polygon, found_building_fields),
    styles.CELLS: (POINT, lambda: layer_fields(CELL_TYPES)),
    styles.PATCHES: (QgsWkbTypes.Type.Polygon, patch_fields),
}
NAMED_BY = dict.fromkeys(VECTORS, "id") | {styles.PATCHES: "name"}
RASTERS = {
    styles.DISTORTION_ZONES: "paletted",
    styles.JOINT_VISIBILITY: "paletted",
    styles.BUILDING_MASK: "paletted",
    styles.INCIDENCE: "singlebandpseudocolor",
    styles.LAYOVER_COUNT: "singlebandpseudocolor",
    styles.SAR_IMAGE: "singlebandgray",
    styles.FIRST_BAND: "singlebandgray",
    styles.DESPECKLED_IMAGE: "singlebandgray",
    styles.SPECKLE_RATIO: "singlebandgray",
    styles.TRANSLATED_IMAGE: "multibandcolor",
    styles.UNCERTAINTY: "singlebandpseudocolor",
    styles.BUILDING_PROBABILITY: "singlebandpseudocolor",
}
each_vector = pytest.mark.parametrize("qml", VECTORS, ids=lambda qml: qml.stem)


def vector_layer(qml, **attributes):
    """A layer in memory with one feature that has attributes, others NULL, and the style."""
    kind, fields = VECTORS[qml]
    layer = QgsVectorLayer(f"{QgsWkbTypes.displayString(kind)}?crs=EPSG:32633", qml.stem, "memory")
    layer.dataProvider().addAttributes(fields().toList())
    layer.updateFields()
    feature = QgsFeature(layer.fields())
    for name, value in attributes.items():
        feature[name] = value
    if kind == POINT:
        feature.setGeometry(QgsGeometry.fromPointXY(QgsPointXY(500_000, 5_000_000)))
    layer.dataProvider().addFeature(feature)
    message, loaded = layer.loadNamedStyle(str(qml))
    assert loaded, message
    return layer


def shown(layer, name):
    """What the attribute table shows for a field of the one feature."""
    [feature] = layer.getFeatures()
    index = layer.fields().lookupField(name)
    setup = layer.editorWidgetSetup(index)
    formatter = QgsApplication.fieldFormatterRegistry().fieldFormatter(setup.type())
    return formatter.representValue(layer, index, setup.config(), None, feature[name])


def raster_layer(folder, qml, values):
    layer = QgsRasterLayer(write_raster(folder / "raster.tif", np.asarray(values, np.float32)))
    message, loaded = layer.loadNamedStyle(str(qml))
    assert loaded, message
    return layer


def drawn(layer, background):
    """The picture of a layer on a background colour, one pixel a cell."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setExtent(layer.extent())
    settings.setOutputSize(QSize(layer.width(), layer.height()))
    settings.setBackgroundColor(QColor(background))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    return job.renderedImage()


def test_every_style_of_the_folder_is_tested_here():
    assert {*VECTORS, *RASTERS} == {*styles.TIE_POINTS.parent.glob("*.qml")}


@each_vector
def test_every_field_has_an_alias_and_a_unit_where_it_has_one(qml):
    layer = vector_layer(qml)
    for field in layer.fields():
        assert field.alias() and "_" not in field.alias(), field.name()
        unit = {"_m": "(m)", "_px": "(px)"}
        for ending, words in unit.items():
            assert not field.name().endswith(ending) or field.alias().endswith(words), field.name()
    assert len({field.alias() for field in layer.fields()}) == layer.fields().count()


@each_vector
def test_what_names_a_feature_is_the_display_name(qml):
    assert vector_layer(qml).displayExpression() == f'"{NAMED_BY[qml]}"'


@each_vector
def test_numbers_are_rounded_in_the_attribute_table(qml):
    numbers = [field.name() for field in vector_layer(qml).fields() if field.typeName() == "double"]
    layer = vector_layer(qml, **dict.fromkeys(numbers, 1234.5678901234))
    assert numbers or qml == styles.PATCHES
    for name in numbers:
        decimals = len(shown(layer, name).split(".")[1])
        is_coordinate = name in ("x", "y") or name.endswith(("_x", "_y"))
        assert decimals <= (6 if is_coordinate else 3 if name == "score" else 2), name


@each_vector
def test_columns_come_in_a_sensible_order_with_widths(qml):
    columns = [column for column in vector_layer(qml).attributeTableConfig().columns() if not column.hidden]
    names = [column.name for column in columns]
    assert names[0] == NAMED_BY[qml] and all(column.width > 40 for column in columns)
    if qml in (styles.TIE_POINTS, styles.SHIFT_VECTORS):
        assert names[:7] == ["id", "accepted", "reason", "score", "dx_m", "dy_m", "length_m"]
    assert sorted(names) == sorted(VECTORS[qml][1]().names())


@each_vector
def test_map_tips_tell_the_feature_whatever_is_unknown_of_it(qml):
    layer = vector_layer(qml, **{NAMED_BY[qml]: 4711})
    [feature] = layer.getFeatures()
    context = layer.createExpressionContext()
    context.setFeature(feature)
    tip = QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context)
    assert "4711" in tip and "[%" not in tip and "residual" not in tip


@pytest.mark.parametrize(
    ("attributes", "colour"),
    [
        ({"sigma_px": 0.2, "score": 0.1}, SIGMA_CLASSES[0.0]),
        ({"sigma_px": 0.4, "score": 0.99}, SIGMA_CLASSES[0.4]),
        ({"sigma_px": 7.0}, SIGMA_CLASSES[0.75]),
        ({"score": 0.83}, SCORE_CLASSES[0.8]),
        ({}, SCORE_CLASSES[0.0]),
        ({"sigma_px": 0.3, "score": 0.9, "accepted": False}, REJECTED_COLOUR),
    ],
)
def test_points_are_coloured_by_their_predicted_error_else_by_their_score(attributes, colour):
    layer = vector_layer(styles.TIE_POINTS, **{"accepted": True, **attributes})
    [feature] = layer.getFeatures()
    context, renderer = QgsRenderContext(), layer.renderer()
    context.setExpressionContext(layer.createExpressionContext())
    context.expressionContext().setFeature(feature)
    renderer.startRender(context, layer.fields())
    [symbol] = renderer.symbolsForFeature(feature, context)
    assert symbol.symbolLayers()[-1].color().name() == colour
    renderer.stopRender(context)


def test_reasons_are_shown_in_words():
    for key, words in {**REASONS, "": "–"}.items():
        assert shown(vector_layer(styles.TIE_POINTS, reason=key), "reason") == words


def test_points_and_vectors_say_the_same_of_their_fields():
    points, vectors = (vector_layer(qml) for qml in (styles.TIE_POINTS, styles.SHIFT_VECTORS))
    for index, field in enumerate(points.fields()):
        assert field.alias() == vectors.fields()[index].alias()
        assert points.editorWidgetSetup(index).config() == vectors.editorWidgetSetup(index).config()


@pytest.mark.parametrize("qml, kind", RASTERS.items(), ids=lambda each: getattr(each, "stem", each))
def test_raster_styles_load(tmp_path, qml, kind):
    assert raster_layer(tmp_path, qml, [[1, 2], [4, 8]]).renderer().type() == kind


@pytest.mark.parametrize("qml", [styles.DISTORTION_ZONES, styles.BUILDING_MASK], ids=lambda qml: qml.stem)
def test_what_is_undistorted_and_not_built_upon_is_transparent(tmp_path, qml):
    picture = drawn(raster_layer(tmp_path, qml, [[0, 1], [0, 1]]), "#00c800")
    assert picture.pixelColor(0, 0).name() == "#00c800"
    assert picture.pixelColor(1, 0).name() != "#00c800"


def test_simulated_sar_is_one_band_in_grey(tmp_path):
    picture = drawn(raster_layer(tmp_path, styles.SAR_IMAGE, [[-30, -10], [0, 10]]), "#00c800")
    levels = [picture.pixelColor(x, y) for y in (0, 1) for x in (0, 1)]
    assert all(level.red() == level.green() == level.blue() for level in levels)
    assert [level.red() for level in levels] == [0, pytest.approx(127, abs=2), pytest.approx(212, abs=2), 255]


def test_cells_hide_the_map_only_near_by_where_they_stand_apart():
    layer = vector_layer(styles.CELLS, visibility=3)
    assert layer.hasScaleBasedVisibility()
    assert layer.isInScaleRange(500) and not layer.isInScaleRange(2000)


def test_shift_vectors_lie_over_the_points_whatever_is_loaded_first():
    for first in (styles.TIE_POINTS, styles.SHIFT_VECTORS):
        project, context = QgsProject(), QgsProcessingContext()
        context.setProject(project)
        layers = {qml: vector_layer(qml) for qml in (styles.TIE_POINTS, styles.SHIFT_VECTORS)}
        below = {styles.TIE_POINTS: layers[styles.SHIFT_VECTORS].source(), styles.SHIFT_VECTORS: ""}
        for qml in sorted(layers, key=lambda qml: qml != first):
            project.layerTreeRoot().insertLayer(0, project.addMapLayer(layers[qml], False))
            styles.LayerStyle(qml, below[qml]).postProcessLayer(layers[qml], context, QgsProcessingFeedback())
        names = [layer.name() for layer in project.layerTreeRoot().layerOrder()]
        assert names == ["shift_vectors", "tie_points"]


def test_a_bright_point_does_not_darken_a_despeckled_image(tmp_path):
    values = np.tile(np.linspace(-20, 0, 100), (100, 1))
    values[50, 50] = 60
    layer = raster_layer(tmp_path, styles.DESPECKLED_IMAGE, values)
    drawn(layer, "white")
    stretch = layer.renderer().contrastEnhancement()
    assert (stretch.minimumValue(), stretch.maximumValue()) == pytest.approx((-20, 0), abs=2)
