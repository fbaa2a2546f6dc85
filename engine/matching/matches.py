"""Candidates and what became of them, as columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from rasterio.transform import Affine

REASON = "U16"
"""Type of the reasons to reject."""


@dataclass(frozen=True)
class Matches:
    """Candidates and what became of them; arrays [N].

    Positions in grid pixels, offsets in working pixels (right, down). `reason` is empty or the first reason to reject;
    offsets, scores and sigma, the predicted error of an axis in working pixels, are NaN where no match was tried.
    """

    col: np.ndarray
    row: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    score: np.ndarray
    peak_ratio: np.ndarray
    sigma: np.ndarray
    reason: np.ndarray

    def without(self, moved: Affine) -> "Matches":
        """Return the matches of an optical image that lay where `moved`, in pixels (col, row), had taken it, as they
        are of the image where its own georeferencing puts it: at those positions, with the whole offsets.
        """
        col, row = ~moved * (self.col, self.row)
        return replace(self, col=col, row=row, dx=self.col + self.dx - col, dy=self.row + self.dy - row)

    @staticmethod
    def joined(parts: Sequence["Matches"]) -> "Matches":
        """Return all `Matches` of a list as one; an empty list gives empty arrays."""
        names = Matches.__dataclass_fields__
        if not parts:
            return Matches(*(np.empty(0, REASON if name == "reason" else float) for name in names))
        return Matches(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
