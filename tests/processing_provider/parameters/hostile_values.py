"""For each kind of parameter: values that nobody can read, and values that can be read with what they mean."""

import math

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterBand,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
    QgsProperty,
    QgsRectangle,
    QgsReferencedRectangle,
)
from sarbridge.processing_provider.parameters.choice import words_of
from sarbridge.processing_provider.parameters.given import is_optional

UTM = QgsCoordinateReferenceSystem("EPSG:32633")
BOX = QgsReferencedRectangle(QgsRectangle(0, 0, 20, 10), UTM)


def expression(text):
    return QgsProperty.fromExpression(text)


NOTHING_READS = [{"a": 1}, object(), expression("no_such_function(1)"), expression("@no_such_variable")]
"""What no parameter can mean."""

_NO_NUMBERS = [
    "348,5",
    "5 m",
    "east",
    "nan",
    "inf",
    "-inf",
    "infinity",
    "1e400",
    "-1e400",
    "1_000",
    "٣",
    "0x10",
    "1e",
    "--1",
    "1 2",
    "1;2",
    "½",
    "None",
    "true",
    "NULL",
    "1d5",
    "1,000.5",
]
_NO_EXTENTS = [
    "1,2,3",
    "1,2,3,4,5 [EPSG:32633]",
    "a,b,c,d",
    "0,1,0,nan [EPSG:32633]",
    "-inf,inf,-inf,inf",
    "0,1e400,0,1",
    "0,1,0,1 [EPSG:999999]",
    "0,1,0,1 [nonsense]",
    "5,5,0,1 [EPSG:32633]",
    "0,1,5,5 [EPSG:32633]",
    "9,1,0,1 [EPSG:32633]",
    "0,1,9,1 [EPSG:32633]",
    "170,-170,-10,10 [EPSG:4326]",
    "0,1,89,91 [EPSG:4326]",
    "0 m,1 m,0 m,1 m",
    "0;1;0;1",
    "no such layer",
    "POLYGON((0 0,1 0,1 1,0 0))",
    5,
    [0, 1, 0, 1],
    ["0,1,0,1"],
    QgsRectangle(),
    QgsRectangle(0, 0, 0, 5),
    QgsRectangle(0, 0, math.inf, 5),
    QgsRectangle(math.nan, math.nan, math.nan, math.nan),
]


def unreadable(definition, files):
    """Return values that a parameter must refuse; `files`: {"raster", "polygons", "folder"}: paths."""
    return NOTHING_READS + _of_kind(_UNREADABLE, definition)(definition, files)


def readable(definition, files):
    """Return pairs (given, used) of what a parameter must take."""
    return _of_kind(_READABLE, definition)(definition, files)


def _of_kind(table, definition):
    return next(made for kind, made in table.items() if isinstance(definition, kind))


def _bounds(definition):
    """Numbers beyond the bounds, and one between them."""
    lowest, highest = (bound if abs(bound) < 1e300 else None for bound in (definition.minimum(), definition.maximum()))
    beyond = [bound + step for bound, step in ((lowest, -1), (highest, 1)) if bound is not None]
    between = [bound for bound in (lowest, highest) if bound is not None] or [0]
    return beyond, math.ceil(sum(between) / len(between)) + (highest is None)


def _no_numbers(definition, files):
    beyond, between = _bounds(definition)
    whole = [between + 0.5, f"{between}.5"] if definition.dataType() == definition.Type.Integer else []
    others = [math.nan, math.inf, 10**400, True, [], [between], [between, between], expression("'348,5'")]
    return [*_NO_NUMBERS, *others, *beyond, *map(str, beyond), *whole]


def _numbers(definition, files):
    _, number = _bounds(definition)
    given = [
        number,
        float(number),
        str(number),
        f" {number}.0 ",
        expression(f"{number} + 0"),
        QgsProperty.fromValue(number),
    ]
    return [(each, number) for each in given]


def _no_choices(definition, files):
    options = definition.options() or ["a model that is gone"]  # where no model of a task is there
    first, second = options[0], options[-1]
    common = ["nonsense", f"{first} {second}", first.swapcase() + "!", 99, -1, 1.5, True, ["nonsense"]]
    if definition.allowMultiple():
        return [*common, [], [first, first], f"{first},{first}", f"{first},", f"{first};{second}", [first, 1]]
    return [*common, 0, [first], [first, second], f"{first},{second}"]


def _choices(definition, files):
    options = definition.options()
    if not options:
        return []
    if not definition.allowMultiple():
        in_words = [(words, name) for name, words in words_of(definition).items()]
        return [*((each, each) for each in options), *in_words, (expression(f"'{options[-1]}'"), options[-1])]
    two = options[:2]
    return [
        (two, two),
        (",".join(two), two),
        (", ".join(two), two),
        (options[-1], options[-1:]),
        (two[::-1], two[::-1]),
    ]


def _no_bands(definition, files):
    common = [0, -1, 99, 1.5, "1.5", "x", "nan", "red", "Band 1", "1 2", True, [0], ["x"], [1, "x"], [1, 1], [[1]]]
    more = ["1,x", "1;x", "1;;2", "1,1", "1;1", [1, 99]] if definition.allowMultiple() else ["1,2", "1;2", [1], [1, 2]]
    return [*common, *more]


def _bands(definition, files):
    if definition.allowMultiple():
        several = [[1, 3], "1;3", "1,3", "1, 3", ["1", "3"], expression("array(1, 3)")]
        return [(each, [1, 3]) for each in several] + [(2, [2]), ("2", [2])]
    return [(each, 2) for each in (2, "2", 2.0, " 2 ", expression("1 + 1"))]


def _extents(definition, files):
    text = "0,20,0,10 [EPSG:32633]"
    layer = QgsReferencedRectangle(QgsRectangle(500_000, 5_299_988, 500_010, 5_300_000), UTM)
    bare = QgsReferencedRectangle(QgsRectangle(0, 0, 20, 10), QgsCoordinateReferenceSystem())
    given = [text, " 0 , 20 , 0 , 10[EPSG:32633] ", "0e0,2e1,0,10 [epsg:32633]", expression(f"'{text}'"), BOX]
    return [*((each, BOX) for each in given), (files["raster"], layer), ("0,20,0,10", bare), (QgsRectangle(BOX), bare)]


_NO_CRS = ["EPSG:999999", "nonsense", "EPSG:", 32633, ["EPSG:4326"], "no such layer", QgsCoordinateReferenceSystem()]
_CRS = ["EPSG:32633", "epsg:32633", UTM, expression("'EPSG:32633'")]
_YES, _NO = [True, 1, "1", "true", "TRUE", "yes", "on", " yes "], [False, 0, "0", "false", "no", "off"]
_NO_FILES = ["/nowhere/model.safetensors", 5, ["a.safetensors"], "\0"]
_NO_OUTPUTS = [5, 1.5, True, ["a.tif"], []]


def _outputs(definition, files):
    layer = QgsProcessingOutputLayerDefinition("a.tif")
    return [("a.tif", "a.tif"), (layer, layer), (expression("'a' || '.tif'"), "a.tif")]


_UNREADABLE = {
    QgsProcessingParameterBand: _no_bands,
    QgsProcessingParameterBoolean: lambda *_: ["maybe", "2", 2, -1, 1.5, "ja", [True], [], "yes please", "1,0"],
    QgsProcessingParameterCrs: lambda *_: _NO_CRS,
    QgsProcessingParameterEnum: _no_choices,
    QgsProcessingParameterExtent: lambda *_: _NO_EXTENTS,
    QgsProcessingParameterFeatureSource: lambda _, files: ["/nowhere.gpkg", "no layer", 5, [], files["raster"]],
    QgsProcessingParameterField: lambda *_: ["storeys", "h,h", 1, ["h"], [], '"h"'],
    QgsProcessingParameterFile: lambda *_: _NO_FILES,
    QgsProcessingParameterFileDestination: lambda *_: _NO_OUTPUTS,
    QgsProcessingParameterFolderDestination: lambda *_: [
        *_NO_OUTPUTS,
        QgsProcessingOutputLayerDefinition("a"),
    ],
    QgsProcessingParameterMapLayer: lambda _, files: ["/nowhere.gpkg", "no layer", 5, [], [files["raster"]]],
    QgsProcessingParameterMultipleLayers: lambda definition, files: [
        *([] if is_optional(definition) else [[]]),
        "/nowhere.tif",
        5,
        [""],
        [files["raster"], "no layer"],
        [files["raster"], 5],
        [[files["raster"]]],
        files["polygons"],
    ],
    QgsProcessingParameterNumber: _no_numbers,
    QgsProcessingParameterRasterDestination: lambda *_: _NO_OUTPUTS,
    QgsProcessingParameterRasterLayer: lambda _, files: [
        "/nowhere.tif",
        "no layer",
        5,
        [],
        [files["raster"]],
        files["polygons"],
    ],
    QgsProcessingParameterString: lambda *_: [5, 1.5, True, ["cpu"], [], "two\nlines"],
    QgsProcessingParameterVectorDestination: lambda *_: _NO_OUTPUTS,
}

_READABLE = {
    QgsProcessingParameterBand: _bands,
    QgsProcessingParameterBoolean: lambda *_: [(each, True) for each in _YES] + [(each, False) for each in _NO],
    QgsProcessingParameterCrs: lambda *_: [(each, UTM) for each in _CRS],
    QgsProcessingParameterEnum: _choices,
    QgsProcessingParameterExtent: _extents,
    QgsProcessingParameterFeatureSource: lambda _, files: [(files["polygons"], files["polygons"])],
    QgsProcessingParameterField: lambda *_: [("h", "h"), ("H", "h"), (expression("lower('H')"), "h")],
    QgsProcessingParameterFile: lambda definition, files: [
        (files[name], files[name])
        for name in (["folder"] if definition.behavior() == definition.Behavior.Folder else ["model"])
    ],
    QgsProcessingParameterFileDestination: _outputs,
    QgsProcessingParameterFolderDestination: lambda *_: [("a", "a"), (expression("'a' || 'b'"), "ab")],
    QgsProcessingParameterMapLayer: lambda _, files: [(files["polygons"], files["polygons"])],
    QgsProcessingParameterMultipleLayers: lambda definition, files: [
        *([([], [])] if is_optional(definition) else []),
        (files["raster"], [files["raster"]]),
        ([files["raster"]] * 2, [files["raster"]] * 2),
        ((files["raster"],), [files["raster"]]),
    ],
    QgsProcessingParameterNumber: _numbers,
    QgsProcessingParameterRasterDestination: _outputs,
    QgsProcessingParameterRasterLayer: lambda _, files: [(files["raster"], files["raster"])],
    QgsProcessingParameterString: lambda *_: [("cpu", "cpu"), (" cpu ", "cpu"), (expression("'c' || 'pu'"), "cpu")],
    QgsProcessingParameterVectorDestination: _outputs,
}
