"""Match the candidates of one block: from two areas to offsets, scores and reasons."""

from dataclasses import dataclass

import numpy as np
import torch

from ..device import halve_on_out_of_memory
from ..reporting import Reporter
from .candidates import corner_candidates, goodness_candidates, grid_candidates
from .matchers import TEMPLATE
from .peaks import find_peaks

MOST_INVALID = 0.1
"""Share of a template or of a search window that may be without data."""

ALIGNMENT = 8
"""Margins are multiples of this, so that features lie on the same lattice in every block."""


@dataclass(frozen=True)
class Matches:
    """Candidates and what became of them; arrays [N]. Positions in grid pixels, offsets in working pixels (right, down).

    `reason` is empty or the first reason to reject; offsets and scores are NaN where no match was tried.
    """

    col: np.ndarray
    row: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    score: np.ndarray
    peak_ratio: np.ndarray
    reason: np.ndarray

    @staticmethod
    def joined(parts):
        """Return all `Matches` of a list as one; an empty list gives empty arrays."""
        names = Matches.__dataclass_fields__
        if not parts:
            return Matches(*(np.empty(0, "U16" if name == "reason" else float) for name in names))
        return Matches(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class BlockMatcher:
    """How blocks are matched: the method, its networks and the user's choices.

    `goodness` holds the (SAR, optical) goodness networks, `orn` the outlier reduction network; None where unused.
    """

    matcher: object
    max_shift: int
    spacing: int
    candidates: str
    goodness: object
    goodness_threshold: float
    orn: object
    orn_threshold: float
    device: torch.device
    batch_size: int
    reporter: Reporter

    @property
    def optical_margin(self):
        """Pixels around a block that its templates and their features need."""
        return _aligned(TEMPLATE // 2 + self.matcher.margin)

    @property
    def sar_margin(self):
        """Pixels around a block that its search windows and their features need."""
        return _aligned(TEMPLATE // 2 + self.max_shift + self.matcher.margin)

    @torch.inference_mode()
    def match(self, block, grid):
        """Return the `Matches` of a `Block` of the `Grid`."""
        sar, optical = block.sar.values.to(self.device), block.optical.values.to(self.device)
        positions, reasons = self._candidates(block, sar, optical)
        inside = (positions[:, 0] + block.col < grid.width) & (positions[:, 1] + block.row < grid.height)
        positions, reasons = positions[inside], reasons[inside.numpy()]
        reasons = self._without_data(block, grid, positions, reasons)
        tried = torch.from_numpy(np.flatnonzero(reasons == ""))
        measured = np.full((4, len(positions)), np.nan)
        if len(tried):
            measured[:, tried] = self._measure(block, sar, optical, positions[tried])
            if self.orn is not None:
                reasons[(reasons == "") & (measured[2] < self.orn_threshold)] = "orn"
        return Matches(positions[:, 0].numpy() + block.col, positions[:, 1].numpy() + block.row, *measured, reasons)

    def _candidates(self, block, sar, optical):
        if self.candidates == "grid":
            positions = grid_candidates(block.side, self.spacing)
        elif self.candidates == "corners":
            positions = corner_candidates(optical, block.side, self.spacing, self.optical_margin)
        else:
            margins = (self.sar_margin, self.optical_margin)
            fusion = self.candidates.removeprefix("goodness_")
            positions, goodness = goodness_candidates(
                self.goodness, sar, optical, block.side, self.spacing, margins, fusion
            )
            return positions, np.where(goodness.cpu().numpy() < self.goodness_threshold, "low_goodness", "").astype(
                "U16"
            )
        return positions, np.full(len(positions), "", "U16")

    def _without_data(self, block, grid, positions, reasons):
        """Reject candidates whose windows lack data: "border" where they reach over the overlap, else "nodata"."""
        for area, half in ((block.optical, TEMPLATE // 2), (block.sar, TEMPLATE // 2 + self.max_shift)):
            invalid = (~area.valid).to(torch.float64).cumsum(0).cumsum(1)
            invalid = torch.nn.functional.pad(invalid, (1, 0, 1, 0))
            col, row = (positions + area.margin).T
            share = (
                invalid[row + half, col + half]
                - invalid[row - half, col + half]
                - invalid[row + half, col - half]
                + invalid[row - half, col - half]
            ) / (2 * half) ** 2
            x, y = positions[:, 0] + block.col, positions[:, 1] + block.row
            over_edge = (x < half) | (y < half) | (x > grid.width - half) | (y > grid.height - half)
            lacking = (share > MOST_INVALID).numpy() & (reasons == "")
            reasons = np.where(lacking, np.where(over_edge.numpy(), "border", "nodata"), reasons)
        return reasons.astype("U16")

    def _measure(self, block, sar, optical, positions):
        """Return dx, dy, score and peak ratio, [4, N], of the candidates at `positions`."""
        sar_features, optical_features = self.matcher.describe(sar, optical)

        def run(batch):
            templates = cut_windows(optical_features, batch + block.optical.margin, TEMPLATE // 2)
            searches = cut_windows(sar_features, batch + block.sar.margin, TEMPLATE // 2 + self.max_shift)
            heat = self.matcher.heat(templates, searches)
            peaks = find_peaks(heat)
            score = self.matcher.score(peaks.height) if self.orn is None else self.orn(orn_input(heat))
            return torch.stack((peaks.dx, peaks.dy, score, peaks.ratio)).cpu()

        in_batches = halve_on_out_of_memory(run, self.batch_size, self.reporter)
        return torch.cat(in_batches(positions), 1).double().numpy()


def orn_input(heat, smallest=65):
    """Return heat maps [N, s, s] as the ORN takes them, [N, 1, s', s'], s' >= 65: smaller ones are padded with their minimum."""
    missing = max(0, smallest - heat.shape[-1])
    if missing:
        low = heat.flatten(1).amin(1)[:, None, None]
        heat = torch.nn.functional.pad(heat - low, (missing // 2, missing - missing // 2) * 2) + low
    return heat[:, None]


def cut_windows(features, centres, half):
    """Cut windows of 2 half pixels around `centres` [N, 2] from features [C, H, W]: [N, C, 2 half, 2 half]."""
    return torch.stack([features[:, y - half : y + half, x - half : x + half] for x, y in centres.tolist()])


def _aligned(margin):
    return -(-margin // ALIGNMENT) * ALIGNMENT
