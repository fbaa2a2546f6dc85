"""Connected parts of a mask that is read in strips, each given back whole however many strips it lies in.

No building is as large as what cannot be held: of that parts are cut, and counted.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from scipy import ndimage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ..rasters.grid import Window

MOST_PIXELS = 2**25
"""Pixels of the boxes around all parts that may go on below a strip, 5,800 × 5,800. Outlines of one such part take
1.3 GB, measured with two bands."""


class Part(NamedTuple):
    """One connected part of a mask, or several that do not touch: its `window`, mask [h, w], and values [C, h, w]."""

    window: Window
    mask: np.ndarray
    values: np.ndarray


class WholeParts:
    """Takes strips of a mask from top to bottom and yields its connected parts as soon as they are whole.

    Pixels are connected over their sides, not their corners: outlines then never cross themselves. What is kept depends
    on the strip and on the parts that reach into the next one, not on how many there are in all. Where these would be
    more than `MOST_PIXELS`, the largest end with the strip, and what is below them begins anew: `cuts` is how often.
    """

    def __init__(self) -> None:
        self.cuts = 0
        self._open: list[list[Part]] = []
        self._edge = None  # of the last row: 1 + the number of the open part that each pixel belongs to, 0 for none

    def add(self, strip: Part, is_last: bool) -> Iterator[Part]:
        """Yield what a strip makes whole: first, as one `Part` of its window, all that lies in the strip alone."""
        labels, count = ndimage.label(strip.mask)
        below = np.zeros(0, int) if is_last else np.setdiff1d(labels[-1], 0)
        above = np.zeros((0, 2), int)
        if self._edge is not None:
            met = (self._edge > 0) & (labels[0] > 0)
            above = np.unique(np.stack([self._edge[met] - 1, labels[0][met]], 1), axis=0)
        crosses = np.zeros(count + 1, bool)
        crosses[below] = crosses[above[:, 1]] = True
        inside = strip.mask & ~crosses[labels]
        if inside.any():
            yield strip._replace(mask=inside)
        yield from self._joined(strip, labels, crosses, above, below)

    def _joined(self, strip, labels, crosses, above, below):
        """Join what crosses the strip's upper edge, keep what crosses its lower one, and yield what is whole now."""
        opened = len(self._open)
        size = opened + len(crosses)
        links = coo_matrix((np.ones(len(above), bool), (above[:, 0], opened + above[:, 1])), (size, size))
        groups = connected_components(links, directed=False)[1]
        pieces: dict[int, list[Part]] = {}
        for group, earlier in zip(groups[:opened].tolist(), self._open):
            pieces.setdefault(group, []).extend(earlier)
        boxes = ndimage.find_objects(labels)
        for label in np.flatnonzero(crosses).tolist():
            pieces.setdefault(int(groups[opened + label]), []).append(_piece(strip, labels, boxes[label - 1], label))
        going_on = np.unique(groups[opened + below]).tolist()
        kept = self._held({group: pieces[group] for group in going_on})
        self._open = [pieces[group] for group in kept]
        numbers = {group: number for number, group in enumerate(kept, 1)}
        edge_of = np.zeros(len(crosses), int)
        edge_of[below] = [numbers.get(group, 0) for group in groups[opened + below].tolist()]
        self._edge = edge_of[labels[-1]]
        for group, whole in pieces.items():
            if group not in numbers:
                yield _assembled(whole)

    def _held(self, pieces):
        """Return which parts, of {part: its pieces}, can be held: the largest ones are counted as cut until all can."""
        sizes = {part: box.width * box.height for part, box in zip(pieces, map(_box, pieces.values()))}
        smallest_first = sorted(sizes, key=sizes.get)
        fits = np.cumsum([sizes[part] for part in smallest_first]) <= MOST_PIXELS
        self.cuts += int((~fits).sum())
        return [part for part, can_be_held in zip(smallest_first, fits.tolist()) if can_be_held]


def _piece(strip, labels, box, label):
    rows, cols = box
    window = Window(
        strip.window.col + cols.start, strip.window.row + rows.start, cols.stop - cols.start, rows.stop - rows.start
    )
    return Part(window, labels[box] == label, strip.values[:, rows, cols].copy())


def _box(pieces: Sequence[Part]) -> Window:
    left, top = (min(getattr(piece.window, key) for piece in pieces) for key in ("col", "row"))
    right = max(piece.window.col + piece.window.width for piece in pieces)
    bottom = max(piece.window.row + piece.window.height for piece in pieces)
    return Window(left, top, right - left, bottom - top)


def _assembled(pieces: Sequence[Part]) -> Part:
    whole = _box(pieces)
    mask = np.zeros((whole.height, whole.width), bool)
    values = np.zeros((len(pieces[0].values), *mask.shape), np.float32)
    for piece in pieces:
        col, row, width, height = piece.window.within(whole)
        place = slice(row, row + height), slice(col, col + width)
        mask[place] |= piece.mask
        values[(slice(None), *place)][:, piece.mask] = piece.values[:, piece.mask]
    return Part(whole, mask, values)
