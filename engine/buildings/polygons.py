"""Parts of a mask as polygons on the map, and what is measured of them: on the ground, or in pixels."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from rasterio.features import shapes
from rasterio.transform import Affine

from ...contract.footprint_lines import FoundBuilding
from ..rasters.grid import Grid, Window
from ..rasters.ground import ground_vectors


class Outline(NamedTuple):
    """A polygon in pixel positions of a grid, and the `label` that its pixels have."""

    polygon: shapely.Polygon
    label: int


def outlines(labels: np.ndarray, window: Window, tolerance: float = 0.0) -> list[Outline]:
    """Return the outlines of labels, int32 [h, w], at a `Window` of a grid; 0 is outside.

    They are valid and keep their holes. tolerance: pixels that an outline may be simplified by; 0 follows the pixels.
    """
    place = Affine.translation(window.col, window.row)
    traced = list(shapes(labels, mask=labels > 0, connectivity=4, transform=place))
    if not traced:
        return []
    polygons = np.array([shapely.Polygon(each["coordinates"][0], each["coordinates"][1:]) for each, _ in traced])
    crossing = ~shapely.is_valid(polygons)  # they touch themselves at a corner
    polygons[crossing] = shapely.make_valid(polygons[crossing])
    if tolerance:
        simple = shapely.simplify(polygons, tolerance, preserve_topology=True)
        polygons = np.where(shapely.is_valid(simple) & (shapely.area(simple) > 0), simple, polygons)
    pieces, index = shapely.get_parts(polygons, return_index=True)
    return [Outline(piece, int(traced[number][1])) for piece, number in zip(pieces, index.tolist())]


@dataclass(frozen=True)
class Surveyor:
    """Measures polygons in pixel positions of a `grid`: their places on the map, and their sizes on the ground.

    Those of an image in radar geometry, which has no place, are measured in its pixels, and laid where QGIS shows it:
    at x = column and y = -row.
    """

    grid: Grid

    @property
    def area_unit(self) -> str:
        """What areas are counted in."""
        return "m²" if self.grid.crs else "pixels"

    def area_in_words(self, area: float) -> str:
        """Return an area with its unit."""
        return f"{area / 1e6:,.2f} km²" if self.grid.crs and area >= 1e5 else f"{area:,.0f} {self.area_unit}"

    @property
    def pixel_size(self) -> float:
        """Side of a pixel, in what lengths are measured in."""
        return self.grid.pixel_size if self.grid.crs else 1.0

    @cached_property
    def shown(self) -> Grid:
        """The grid where its polygons lie."""
        return self.grid if self.grid.crs else replace(self.grid, transform=Affine.scale(1, -1) * self.grid.transform)

    def measured(self, polygons: np.ndarray, scores: np.ndarray) -> Iterator[FoundBuilding]:
        """Yield the `FoundBuilding` of each polygon, whose score is given; arrays [n] of shapely polygons and float."""
        on_map = shapely.transform(polygons, lambda pixels: np.column_stack(self.shown.to_map(*pixels.T)))
        on_ground = self._on_ground(polygons, on_map)
        areas, perimeters = shapely.area(on_ground), shapely.length(on_ground)
        boxes = shapely.get_coordinates(shapely.oriented_envelope(on_ground)).reshape(len(polygons), -1, 2)
        first, second = boxes[:, 1] - boxes[:, 0], boxes[:, 2] - boxes[:, 1]
        sides = np.hypot(*np.stack([first, second]).transpose(2, 0, 1))
        longer = np.where((sides[0] >= sides[1])[:, None], first, second)
        elongations = sides.max(0) / sides.min(0)
        orientations = np.degrees(np.arctan2(*longer.T)) % 180
        for polygon, *numbers in zip(on_map, areas, perimeters, scores, elongations, orientations):
            yield FoundBuilding(*map(float, numbers), shapely.geometry.mapping(polygon)["coordinates"])

    def _on_ground(self, polygons, on_map):
        """Return polygons in metres to the true east and north of the middle of each, or in pixels right and up."""
        if not self.grid.crs:
            return on_map
        bounds = shapely.bounds(polygons)
        middles = np.column_stack(self.grid.to_map(*(bounds[:, :2] + bounds[:, 2:]).T / 2))
        places, index = shapely.get_coordinates(on_map, return_index=True)
        return shapely.set_coordinates(on_map.copy(), ground_vectors(self.grid.crs, middles[index], places))
