"""Where buildings appear in a radar image: footprints on the map, moved to where the radar sees their roofs."""

import math
from typing import Optional

import numpy as np
import shapely

from ....contract.building_training_jobs import BuildingLayers
from ....contract.errors import UserError
from ....contract.sources import FootprintSource
from ...rasters.ground import unit_steps
from ...rasters.image_place import ImagePlace
from ...rasters.positions import transform_points
from ...rasters.source_file import parse_crs
from ...reporting import Reporter
from ..footprints import Footprints, in_pixels, read_footprints

_NO_BUILDING = 1000.0
"""Metres that nobody builds."""


def on_the_ground(source: FootprintSource, place: ImagePlace, reporter: Reporter) -> Footprints:
    """Return polygons of a source as they lie on the ground, in the pixels of an image, repaired."""
    return in_pixels(_on_map(source, place), place.to_pixels, source, reporter)


def roofs(layers: BuildingLayers, place: ImagePlace, reporter: Reporter) -> Footprints:
    """Return where the roofs of footprints appear in an image, in its pixels, repaired.

    The slant range of a roof is as much shorter as its height makes it, and so it appears where level ground would that
    lies nearer to the radar by the height divided by the tangent of the incidence angle. Where heights or the view are
    not known, footprints stay on the ground; that is told. Raises `UserError` for heights that no building has.
    """
    footprints = _on_map(layers.footprints, place)
    metres = _towards_radar(layers, footprints.heights, reporter)
    if metres is not None:
        units = np.linalg.solve(unit_steps(place.crs, place.middle).T, metres.T).T
        places, number = shapely.get_coordinates(footprints.polygons, return_index=True)
        moved = shapely.set_coordinates(footprints.polygons.copy(), places + units[number])
        footprints = footprints._replace(polygons=moved)
    return in_pixels(footprints, place.to_pixels, layers.footprints, reporter)


def _on_map(source: FootprintSource, place: ImagePlace) -> Footprints:
    """Return the polygons of a source in the CRS of an image's place, but for those of which it says nothing."""
    footprints, crs = read_footprints(source), parse_crs(source)
    on_map = shapely.transform(
        footprints.polygons, lambda places: np.column_stack(transform_points(*places.T, crs, place.crs))
    )
    footprints = footprints._replace(polygons=on_map)
    return footprints if place.around is None else footprints.chosen(shapely.intersects(on_map, place.around))


def _towards_radar(layers: BuildingLayers, heights: np.ndarray, reporter: Reporter) -> Optional[np.ndarray]:
    """Return how far each footprint is moved, metres (east, north) [n, 2]; None where that is not known."""
    name, known = layers.footprints.name, np.isfinite(heights)
    lacks = {
        "there are no heights": not known.any(),
        "nothing says where the radar looks": layers.look_azimuth is None,
        "the incidence angle is not known": layers.incidence is None,
    }
    if any(lacks.values()):
        reporter.info(
            f"Buildings are learnt where the footprints of layer '{name}' lie on the ground, as "
            f"{' and '.join(why for why, is_so in lacks.items() if is_so)}. Their roofs appear nearer to the radar: "
            "with a field of heights, the look and the incidence angle labels are moved there."
        )
        return None
    if not (np.abs(heights[known]) < _NO_BUILDING).all() or (heights[known] < 0).any():
        raise UserError(
            f"The heights of layer '{name}' reach from {heights[known].min():.3g} to {heights[known].max():.3g} m, "
            "which no buildings have: choose the field that holds their heights in metres."
        )
    if not known.all():
        reporter.warning(
            f"{int((~known).sum()):,} of the {len(known):,} footprints of layer '{name}' have no height, so that they "
            "are learnt where they lie on the ground: fill the field of heights."
        )
    distances = np.where(known, heights, 0) / math.tan(math.radians(layers.incidence))
    azimuth = math.radians(layers.look_azimuth)
    reporter.info(
        f"The footprints of layer '{name}' are moved by up to {distances.max():.3g} m towards the radar, to where it "
        "shows their roofs."
    )
    return -distances[:, None] * [math.sin(azimuth), math.cos(azimuth)]
