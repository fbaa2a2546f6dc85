"""The jobs of buildings in radar images."""

from dataclasses import dataclass
from typing import Optional, Union

from .sources import FootprintSource, RasterSource, check_extent


@dataclass(frozen=True)
class BuildingSource:
    """Buildings as one of two: `footprints`, or a `mask`, a raster of two values of which 0 is no building."""

    footprints: Optional[FootprintSource] = None
    mask: Optional[RasterSource] = None

    def __post_init__(self):
        if (self.footprints is None) == (self.mask is None):
            raise ValueError("buildings are either footprints or a mask")

    @property
    def source(self) -> Union[FootprintSource, RasterSource]:
        """The one that is there, with its `name`, `path` and `crs`."""
        return self.footprints or self.mask


@dataclass(frozen=True)
class EvaluateBuildingsJob:
    """Score predicted buildings against a reference (module `engine/buildings/evaluate_buildings`).

    What is compared lies in `area` (polygons) and `extent`, (xmin, ymin, xmax, ymax) in the CRS of `predicted`, as far
    as they are given. `table` (.csv) and `report` (.html) are output paths, empty when not wanted.
    """

    predicted: BuildingSource
    reference: BuildingSource
    area: Optional[FootprintSource] = None
    extent: tuple[float, ...] = ()
    table: str = ""
    report: str = ""

    def __post_init__(self):
        check_extent(self.extent)
