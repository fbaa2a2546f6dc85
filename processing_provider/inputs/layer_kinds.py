"""What a layer probably shows, by what is known without reading its pixels: names, bands, types of values, units."""

import re
from enum import Enum

from osgeo import gdal
from qgis.core import QgsMapLayer, QgsRasterLayer, QgsVectorLayer, QgsWkbTypes

from ..gdal_results import raster_or_none, without_open_options
from .file_stem import file_stem


class Kind(Enum):
    """What an algorithm asks for."""

    SAR = "a radar image"
    OPTICAL = "an optical image"
    HEIGHTS = "heights"
    SHADING = "shaded relief or slopes"
    ANGLES = "incidence angles"
    TIE_POINTS = "tie points"
    BUILDINGS = "buildings"
    FOUND_BUILDINGS = "buildings that were found"


_WORDS = {
    Kind.SAR: (
        "s1[abc]?|sentinel_?1[abc]?|sar|radar|vv|vh|hh|hv|sigma_?(0|nought)?|gamma_?(0|nought)?|backscatter|grd[hm]?|slc"
        "|tsx|tdx|terrasarx?|csk|csg|cosmo|iceye|capella|umbra|radarsat|rs2|rcm|palsar|saocom|nisar|novasar|envisat|asar"
        "|ers[12]?|uavsar|insar"
    ),
    Kind.OPTICAL: (
        "s2[abc]?|sentinel_?2[abc]?|optical|optics|rgbi?|rgbn|nir|tci|msi|l[12][ac]|landsat|l[789]|lc0?[89]|oli|ortho\\w*"
        "|dop|aerial|photo|planet|skysat|worldview|wv[234]|pleiades|spot|rapideye|naip|pan|b0?[2348]"
    ),
    Kind.HEIGHTS: (
        "dem|dsm|dtm|dgm|dom|ndsm|mnt|mns|mdt|mds|gdem|srtm|aster|copdem|aw3d\\w*|nasadem|tandem|heights?|elevations?"
        "|terrain|altitude|topo\\w*"
    ),
    Kind.SHADING: "hillshade|shaded|shade|relief|slope|aspect",
    Kind.ANGLES: "incidence|inc|lia|theta|angles?",
}
_BUILDINGS = "buildings?|footprints?|houses?|roofs?|built"
"""Not among the words above: images may be called by what one looks for in them."""

IMPOSSIBLE = -99
"""The likeness of layers of another sort, vectors or rasters, than the one that is asked for."""

_METRES = ("m", "metre", "meter", "metres", "meters")
_COLOURS = range(gdal.GCI_RedBand, gdal.GCI_YCbCr_CrBand + 1)
"""GDAL's interpretations of bands, from red on; alpha among them."""


def kinds_by_name(layer: QgsMapLayer) -> set[Kind]:
    """Return what the names of a layer and of its file say that it shows."""
    return {kind for kind, pattern in _WORDS.items() if _is_called(layer, pattern)}


def _is_called(layer, pattern):
    names = f"{layer.name()}_{file_stem(layer)}"
    words = re.sub(r"[\W_]+", "_", re.sub(r"([a-z])([A-Z])", r"\1_\2", names)).lower()
    return re.search(rf"(?<![a-z0-9])({pattern})(?![a-z0-9])", words) is not None


def is_picture(layer: QgsRasterLayer) -> bool:
    """Return whether a layer holds colours, or numbers of colours, instead of one quantity."""
    provider = layer.dataProvider()
    values, dataset = int(provider.dataType(1)), raster_or_none(without_open_options(layer.source()))
    shows = dataset.GetRasterBand(1).GetColorInterpretation() if dataset else gdal.GCI_Undefined
    is_coloured = shows in _COLOURS and values < gdal.GDT_Float32
    return is_coloured or shows == gdal.GCI_PaletteIndex or (provider.bandCount() >= 3 and values == gdal.GDT_Byte)


def is_complex(layer: QgsRasterLayer) -> bool:
    """Return whether the values of a layer are complex."""
    return gdal.GDT_CInt16 <= int(layer.dataProvider().dataType(1)) <= gdal.GDT_CFloat64


def is_8_bit(layer: QgsRasterLayer) -> bool:
    """Return whether a layer holds whole numbers from 0 to 255."""
    return int(layer.dataProvider().dataType(1)) == gdal.GDT_Byte


def has_metres(layer: QgsRasterLayer) -> bool:
    """Return whether the unit of the first band is said to be the metre."""
    dataset = raster_or_none(without_open_options(layer.source()))
    return bool(dataset) and dataset.GetRasterBand(1).GetUnitType().lower() in _METRES


def likeness(layer: QgsMapLayer, kind: Kind) -> int:
    """Return how well a layer would do as `kind`: above 0 where something speaks for it, below where against."""
    if kind in (Kind.BUILDINGS, Kind.FOUND_BUILDINGS):
        return _likeness_to_buildings(layer, kind)
    if isinstance(layer, QgsVectorLayer):
        fields = {"sar_x", "sar_y", "opt_x", "opt_y", "accepted"}
        return 9 if kind is Kind.TIE_POINTS and fields <= set(layer.fields().names()) else IMPOSSIBLE
    if kind is Kind.TIE_POINTS or not isinstance(layer, QgsRasterLayer):
        return IMPOSSIBLE
    named, bands, values = kinds_by_name(layer), layer.bandCount(), int(layer.dataProvider().dataType(1))
    points = 4 if kind in named else -3 if named else 0
    is_real = values in (gdal.GDT_Float32, gdal.GDT_Float64)
    if kind is Kind.SAR:
        return points + (2 if is_real or is_complex(layer) else 0) - (3 if bands >= 3 else 0)
    if kind is Kind.OPTICAL:
        return points + (2 if bands >= 3 else 0) - (2 if is_real else 0)
    return points + (1 if bands == 1 else -3) - (3 if is_8_bit(layer) else 0)


def _likeness_to_buildings(layer, kind):
    points = 4 if _is_called(layer, _BUILDINGS) else 0
    if isinstance(layer, QgsVectorLayer):
        if layer.geometryType() != QgsWkbTypes.GeometryType.PolygonGeometry:
            return IMPOSSIBLE
        return points + 2 + (kind is Kind.FOUND_BUILDINGS and "score" in layer.fields().names())
    if not isinstance(layer, QgsRasterLayer):
        return IMPOSSIBLE
    return points - (3 if kinds_by_name(layer) else 0) - (3 if layer.bandCount() > 1 else 0)
