"""The `.points` file that QGIS's Georeferencer opens."""

from collections.abc import Iterable
from pathlib import Path
from typing import Union

from ...contract.finished_file import finished_file


def write_points(path: Union[str, Path], crs_wkt: str, rows: Iterable[tuple[float, float, float, float, bool]]) -> None:
    """Write ground control points to `path` as a Georeferencer file.

    `crs_wkt` is the CRS of the map coordinates; `rows` are (map_x, map_y, source_x, source_y, enable): where the point
    belongs, where it lies now (in the layer's CRS: the source coordinates of an image that is georeferenced already),
    and whether the Georeferencer shall use it. For tie points: the SAR position in the optical CRS, the optical
    position, `accepted`.

    Five columns, not the eight that QGIS itself writes: older readers look at `enable` only in rows of exactly five
    columns and switch rejected points on in longer ones; newer readers take both. The three columns left out are
    residuals, which the Georeferencer computes anew.
    """
    with finished_file(path) as temporary, temporary.open("w", encoding="utf-8", newline="\n") as file:
        file.write(f"#CRS: {' '.join(crs_wkt.split())}\n")
        file.write("mapX,mapY,sourceX,sourceY,enable\n")
        for map_x, map_y, source_x, source_y, enable in rows:
            numbers = ",".join(repr(float(value)) for value in (map_x, map_y, source_x, source_y))
            file.write(f"{numbers},{int(enable)}\n")
