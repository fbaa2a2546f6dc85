"""What heights are counted in: the unit that a layer states for them, which is converted to metres, or none."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple, Optional, Union

from rasterio.crs import CRS

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..rasters.source_file import open_source, parse_crs

_FOOT, _SURVEY_FOOT = 0.3048, 1200 / 3937
_METRES = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), 1.0),
    **dict.fromkeys(("ft", "foot", "feet", "international foot", "international feet"), _FOOT),
    **dict.fromkeys(("us survey foot", "us survey feet", "foot_us", "us-ft", "us_ft", "ftus", "sft"), _SURVEY_FOOT),
    **dict.fromkeys(("mm", "millimetre", "millimeter", "millimetres", "millimeters"), 1e-3),
    **dict.fromkeys(("cm", "centimetre", "centimeter", "centimetres", "centimeters"), 1e-2),
    **dict.fromkeys(("dm", "decimetre", "decimeter", "decimetres", "decimeters"), 1e-1),
    **dict.fromkeys(("km", "kilometre", "kilometer", "kilometres", "kilometers"), 1e3),
}
"""Metres for one of what bands call their unit, in lower case."""


class HeightUnit(NamedTuple):
    """The unit that a layer states: its `name`, and how many `metres` one of it is; None where nobody knows it."""

    name: str
    metres: Optional[float]


def stated_unit(source: RasterSource) -> Optional[HeightUnit]:
    """Return the `HeightUnit` of a `RasterSource`: of its band, else of the vertical part of its CRS; None without."""
    with open_source(source) as dataset:
        name = (dataset.units[source.bands[0] - 1] or "").strip()
        systems = [parse_crs(source), *([dataset.crs] if dataset.crs else [])]
    if name:
        return HeightUnit(name, _METRES.get(name.lower()))
    return next((unit for unit in map(_vertical_unit, systems) if unit is not None), None)


def in_metres(source: RasterSource) -> RasterSource:
    """Return a `RasterSource` of heights as one whose values are metres, where it states a unit that is known."""
    unit = stated_unit(source)
    return source if unit is None or unit.metres is None else replace(source, factor=unit.metres)


def unit_of_parts(source: RasterSource) -> Optional[HeightUnit]:
    """Return the `HeightUnit` of the first file that a virtual raster refers to: mosaics of GDAL state none themselves.

    None where it states none either. What a virtual raster makes of the heights of its parts is not known.
    """
    with open_source(source) as dataset:
        parts = dataset.files[1:2] if dataset.driver == "VRT" else []
    for part in parts:
        with suppress(UserError):
            return stated_unit(replace(source, path=part, bands=(1,)))
    return None


def feet_of_map(crs: Union[str, CRS]) -> str:
    """Return what the feet are called in which the positions of a CRS count, empty where they are no feet."""
    crs = CRS.from_user_input(crs)
    name, metres = crs.linear_units_factor if crs.is_projected else ("", 1.0)
    return name if abs(metres / _FOOT - 1) < 1e-3 else ""


def _vertical_unit(crs: CRS) -> Optional[HeightUnit]:
    described: dict[str, Any] = crs.to_dict(projjson=True)
    for part in described.get("components", ()):
        if part["type"] == "VerticalCRS":
            unit = part["coordinate_system"]["axis"][0]["unit"]
            if isinstance(unit, str):  # the few that PROJ takes for known
                return HeightUnit(unit, _METRES.get(unit))
            return HeightUnit(unit["name"], unit["conversion_factor"])
    return None
