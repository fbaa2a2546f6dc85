"""What an algorithm writes: outputs as it asks for them, and their paths, checked before anything runs.

Paths are asked for in `processAlgorithm`, not earlier: QGIS notes which layers to load in the context at hand, forgets
what was noted before an algorithm went to its thread, and names temporary files anew each time.
"""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import combinations
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterVectorDestination,
)

from ...contract.errors import UserError
from ...contract.finished_file import finished_files
from ..algorithm import SarbridgeAlgorithm
from ..parameters.given import named
from .geopackage import check_layer, default_layer, file_of, is_database, layer_added, layer_of, layer_path
from .output_names import check_name, file_and_layer
from .overwriting import refuse_to_overwrite
from .style_files import leave_styles_of_others

GEOTIFF, HTML = (".tif", ".tiff"), (".html", ".htm")
"""Suffixes of rasters and of reports."""


def add_raster_output(
    algorithm: SarbridgeAlgorithm, key: str, title: str, help_text: str, optional: bool = False
) -> None:
    """Add a raster to write; what is optional is not written unless it is asked for."""
    definition = QgsProcessingParameterRasterDestination(key, algorithm.tr(title), None, optional, not optional)
    algorithm.add_parameter(definition, help_text)


def add_vector_output(
    algorithm: SarbridgeAlgorithm,
    key: str,
    title: str,
    help_text: str,
    kind: QgsProcessing.SourceType,
    optional: bool = False,
) -> None:
    """Add a vector layer to write; what is optional is not written unless it is asked for."""
    definition = QgsProcessingParameterVectorDestination(key, algorithm.tr(title), kind, None, optional, not optional)
    algorithm.add_parameter(definition, help_text)


def add_file_output(
    algorithm: SarbridgeAlgorithm, key: str, title: str, help_text: str, file_filter: str, in_dialogs: bool = False
) -> None:
    """Add a file that is no layer, which is not written unless it is asked for; `in_dialogs`, it is by default."""
    definition = QgsProcessingParameterFileDestination(
        key, algorithm.tr(title), algorithm.tr(file_filter), None, True, in_dialogs
    )
    algorithm.add_parameter(definition, help_text)


def add_report(algorithm: SarbridgeAlgorithm, key: str, help_text: str) -> None:
    """Add a report, a page that dialogs ask for by default; models and commands get one when they do."""
    add_file_output(algorithm, key, "Report", help_text, "HTML files (*.html)", in_dialogs=True)


def add_folder_output(algorithm: SarbridgeAlgorithm, key: str, title: str, help_text: str) -> None:
    """Add a folder to write, new or empty."""
    algorithm.add_parameter(QgsProcessingParameterFolderDestination(key, algorithm.tr(title)), help_text)


def folder_destination(
    algorithm: QgsProcessingAlgorithm, parameters: dict[str, Any], key: str, context: QgsProcessingContext
) -> Path:
    """Return the path of a folder to write; raises `UserError` where it holds something, or cannot be made."""
    called = named(algorithm.parameterDefinition(key))
    folder = Path(algorithm.parameterAsFileOutput(parameters, key, context)).absolute()
    if not folder.parent.is_dir():
        raise UserError(f"{called}: the folder {folder.parent} does not exist: create it or choose another one.")
    if not os.access(folder.parent, os.W_OK):
        raise UserError(f"{called}: {folder} cannot be made there: choose a place in which you may create folders.")
    if os.path.lexists(folder) and not (folder.is_dir() and not folder.is_symlink() and not any(folder.iterdir())):
        raise UserError(f"{called}: {folder} is there already and no empty folder: choose a new one.")
    return folder


def destination(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    key: str,
    context: QgsProcessingContext,
    suffixes: Collection[str],
) -> str:
    """Return the path of output `key` just as QGIS spells it (it loads layers by that text), "" when not wanted.

    The path of a layer that stands in a GeoPackage beside others names it. `suffixes` are the allowed ones (".gpkg"),
    the first is proposed. Raises `UserError` for another suffix, for a name that no file or layer can have, and for a
    folder that is missing or cannot be written.
    """
    definition = algorithm.parameterDefinition(key)
    if isinstance(definition, QgsProcessingParameterFileDestination):
        text = algorithm.parameterAsFileOutput(parameters, key, context)
    else:
        text = algorithm.parameterAsOutputLayer(parameters, key, context)
    if not text:
        return ""
    called = named(definition)
    file, layer = file_and_layer(text)
    check_name(called, file, suffixes)
    path = Path(file).absolute()
    if not os.path.isdir(path.parent):  # noqa: PTH112 - Path.is_dir raises where names are too long
        raise UserError(f"{called}: the folder {path.parent} does not exist: create it or choose another one.")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not path.is_file()):
        raise UserError(f"{called}: {path} cannot be written there: choose a folder in which you may create files.")
    if path.exists() and not os.access(path, os.W_OK):  # a rename would replace it all the same
        raise UserError(f"{called}: the file {path} is write-protected: choose another one or change its permissions.")
    if path.suffix.lower() != ".gpkg":
        return file
    is_table = definition.dataType() == QgsProcessing.SourceType.TypeVector
    holds_more = check_layer(called, path, layer or default_layer(path), is_table)
    if not (layer or holds_more):
        return file
    with_layer = layer_path(file, layer or default_layer(path))
    _load_instead(context, text, with_layer)
    return with_layer


def _load_instead(context, path, other):
    """Have QGIS load `other` where it noted to load `path` after the run."""
    noted = context.layersToLoadOnCompletion()
    if path in noted:
        context.setLayersToLoadOnCompletion({other if each == path else each: noted[each] for each in noted})


def destinations(
    algorithm: SarbridgeAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    suffixes: Mapping[str, Collection[str]],
) -> dict[str, str]:
    """Return {key: path} of the outputs that are wanted, of those in `suffixes`; as `destination`, and raises as it.

    Raises `UserError` also where one of them would take the place of what the run reads.
    """
    paths = {key: destination(algorithm, parameters, key, context, allowed) for key, allowed in suffixes.items()}
    paths = {key: path for key, path in paths.items() if path}
    called = {named(algorithm.parameterDefinition(key)): file_of(path).absolute() for key, path in paths.items()}
    refuse_to_overwrite(called, algorithm.sources)
    return paths


@contextmanager
def finished_outputs(
    algorithm: QgsProcessingAlgorithm,
    parameters: dict[str, Any],
    context: QgsProcessingContext,
    suffixes: Mapping[str, Collection[str]],
) -> Iterator[tuple[dict[str, str], dict[str, str]]]:
    """Yield (new, paths), both {key: path} of what is wanted: write `new`, which become `paths` when all went well.

    A layer of a GeoPackage that exists is added to it. Raises as `destination`, `finished_files` and `layer_added`.
    """
    paths = destinations(algorithm, parameters, context, suffixes)
    files = [file_of(path).absolute() for path in paths.values()]
    packages = {file for file in files if file.suffix.lower() == ".gpkg" and is_database(file)}
    for file, other in combinations(packages, 2):
        if file.samefile(other):  # two links to one package, or it and a link
            raise UserError(f"Two outputs are the same file, '{file}' and '{other}': choose another for one of them.")
    with ExitStack() as additions, finished_files(files, packages) as temporaries:
        yield dict(zip(paths, map(str, temporaries))), paths
        leave_styles_of_others(zip(temporaries, files))
        for new, file, path in zip(temporaries, files, paths.values()):
            if file in packages:
                additions.enter_context(layer_added(new, file, layer_of(path)))
