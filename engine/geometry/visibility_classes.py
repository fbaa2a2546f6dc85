"""Joint visibility: what can hide a cell from radar or camera, and what the three maps call it.

After L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische
Universität München, 2020 ("Hughes 2020"), §4.1, section 4.2 of the paper there; the classes of other layover and of the
sun's shade are ours.
"""

from collections.abc import Sequence
from enum import IntEnum, IntFlag
from typing import Optional

import numpy as np


class Cause(IntFlag):
    """Bits that are gathered for each cell of the surface model, in any combination."""

    RADAR_SHADOW = 1
    FACADE_LAYOVER = 2
    OTHER_LAYOVER = 4
    OCCLUSION = 8
    SUN_SHADOW = 16
    FACADE = 32
    NO_DATA = 128


class Visibility(IntEnum):
    """The classes of the maps, the values of their rasters."""

    NO_DATA = 0
    VISIBLE = 1
    FACADE = 2
    FACADE_LAYOVER = 3
    OTHER_LAYOVER = 4
    SUN_SHADOW = 5
    RADAR_SHADOW = 6
    OCCLUSION = 7
    SHADOW_AND_OCCLUSION = 8


LABELS = {
    Visibility.VISIBLE: "Jointly visible",
    Visibility.FACADE: "Uncertain: façade",
    Visibility.FACADE_LAYOVER: "Uncertain: façade layover",
    Visibility.OTHER_LAYOVER: "Uncertain: other layover",
    Visibility.SUN_SHADOW: "Uncertain: shade of the sun",
    Visibility.RADAR_SHADOW: "Not visible: radar shadow",
    Visibility.OCCLUSION: "Not visible: optical occlusion",
    Visibility.SHADOW_AND_OCCLUSION: "Not visible: both causes",
}
COLOURS = {
    Visibility.VISIBLE: (71, 200, 163),
    Visibility.FACADE: (253, 222, 27),
    Visibility.FACADE_LAYOVER: (203, 144, 66),
    Visibility.OTHER_LAYOVER: (129, 111, 85),
    Visibility.SUN_SHADOW: (152, 126, 234),
    Visibility.RADAR_SHADOW: (127, 7, 4),
    Visibility.OCCLUSION: (192, 56, 138),
    Visibility.SHADOW_AND_OCCLUSION: (68, 8, 78),
}
"""Red, green, blue, as in `plugin/styles/joint_visibility.qml`: the reds of Hughes 2020 for what is not visible, its
yellows for what is uncertain, in shades that colour-blind eyes tell apart as well."""

_UNCERTAIN = (Visibility.FACADE, Visibility.FACADE_LAYOVER, Visibility.OTHER_LAYOVER, Visibility.SUN_SHADOW)


class Map:
    """One of the three maps: which of a cell's causes names its class, and what of the map is in the image.

    `rules`: pairs (causes, class); the first pair whose causes a cell has all gives its class, without any it is
    visible. `unseen`: the class of cells that the map's own image does not show; they do not count in its shares.
    """

    def __init__(self, rules: Sequence[tuple[Cause, Visibility]], unseen: Optional[Visibility] = None) -> None:
        every_combination = np.arange(256)
        self.classes = np.full(256, Visibility.VISIBLE, np.uint8)
        for causes, visibility in reversed(((Cause.NO_DATA, Visibility.NO_DATA), *rules)):
            self.classes[every_combination & causes == causes] = visibility
        self._unseen = unseen

    def of(self, causes: np.ndarray) -> np.ndarray:
        """Return the classes, uint8, of an array of `Cause` bits (uint8)."""
        return self.classes[causes]

    def shares(self, counts: np.ndarray) -> tuple[Optional[float], Optional[float], Optional[float]]:
        """Return the percentages (not visible, uncertain, visible) of the cells that the image shows.

        counts: cells of each combination of causes, int [256]. None where the image shows nothing.
        """
        cells = np.bincount(self.classes, weights=counts, minlength=len(Visibility))
        cells[Visibility.NO_DATA] = 0
        if self._unseen is not None:
            cells[self._unseen] = 0
        if not cells.sum():
            return None, None, None
        uncertain, visible = cells[list(_UNCERTAIN)].sum(), cells[Visibility.VISIBLE]
        shares = 100 * np.array([cells.sum() - uncertain - visible, uncertain, visible]) / cells.sum()
        return tuple(shares.tolist())


SAR_MAP = Map(
    (
        (Cause.RADAR_SHADOW, Visibility.RADAR_SHADOW),
        (Cause.OCCLUSION, Visibility.OCCLUSION),
        (Cause.FACADE_LAYOVER, Visibility.FACADE_LAYOVER),
        (Cause.OTHER_LAYOVER, Visibility.OTHER_LAYOVER),
    ),
    unseen=Visibility.RADAR_SHADOW,
)
"""What the SAR image shows: which of it the optical image does not, and where façades lie over it."""

OPTICAL_MAP = Map(
    (
        (Cause.OCCLUSION, Visibility.OCCLUSION),
        (Cause.RADAR_SHADOW, Visibility.RADAR_SHADOW),
        (Cause.FACADE, Visibility.FACADE),
        (Cause.SUN_SHADOW, Visibility.SUN_SHADOW),
    ),
    unseen=Visibility.OCCLUSION,
)
"""What the optical image shows: which of it lies in radar shadow, and where façades stand."""

JOINT_MAP = Map(
    (
        (Cause.RADAR_SHADOW | Cause.OCCLUSION, Visibility.SHADOW_AND_OCCLUSION),
        (Cause.RADAR_SHADOW, Visibility.RADAR_SHADOW),
        (Cause.OCCLUSION, Visibility.OCCLUSION),
        (Cause.FACADE, Visibility.FACADE),
        (Cause.FACADE_LAYOVER, Visibility.FACADE_LAYOVER),
        (Cause.OTHER_LAYOVER, Visibility.OTHER_LAYOVER),
        (Cause.SUN_SHADOW, Visibility.SUN_SHADOW),
    )
)
"""Both on the map: all cells of the surface model count."""
