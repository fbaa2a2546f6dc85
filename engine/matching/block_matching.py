"""Match the candidates of one block: from two areas to offsets, scores and reasons."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Callable, Optional

import numpy as np
import torch
from torch import Tensor

from ...models.matching.orn import SMALLEST_HEAT_MAP
from ..compute.device import halve_on_out_of_memory
from ..rasters.grid import Grid
from ..reporting import Reporter
from .acceptance import MOST_INVALID
from .blocks import Block
from .candidates import GOODNESS_MARGIN, corner_candidates, goodness_candidates, grid_candidates
from .matcher import Matcher
from .peaks import find_peaks
from .visible_places import PlacesInside, VisiblePlaces
from .windows import cut_windows, middle

_REASON = "U16"

Network = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class Matches:
    """Candidates and what became of them; arrays [N].

    Positions in grid pixels, offsets in working pixels (right, down). `reason` is empty or the first reason to reject;
    offsets and scores are NaN where no match was tried.
    """

    col: np.ndarray
    row: np.ndarray
    dx: np.ndarray
    dy: np.ndarray
    score: np.ndarray
    peak_ratio: np.ndarray
    reason: np.ndarray

    @staticmethod
    def joined(parts: Sequence["Matches"]) -> "Matches":
        """Return all `Matches` of a list as one; an empty list gives empty arrays."""
        names = Matches.__dataclass_fields__
        if not parts:
            return Matches(*(np.empty(0, _REASON if name == "reason" else float) for name in names))
        return Matches(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


@dataclass(frozen=True)
class _Tries:
    """Places to match, `centres` [N, 2], in two described areas, (SAR, optical) both; sliced into batches."""

    features: tuple[Tensor, Tensor]
    centres: tuple[Tensor, Tensor]

    def __len__(self) -> int:
        return len(self.centres[0])

    def __getitem__(self, part: slice) -> "_Tries":
        return replace(self, centres=tuple(centres[part] for centres in self.centres))


@dataclass
class BlockMatcher:
    """How blocks are matched: the method, its networks and the user's choices.

    `goodness` holds the (SAR, optical) goodness networks, `orn` the outlier reduction network; None where unused.
    `visible`, `area` None: all places count. One instance serves a whole run, so that a batch size that was halved once
    stays halved.
    """

    matcher: Matcher
    max_shift: int
    spacing: int
    candidates: str
    goodness: Optional[tuple[Network, Network]]
    goodness_threshold: float
    orn: Optional[Network]
    orn_threshold: float
    device: torch.device
    batch_size: int
    reporter: Reporter
    visible: Optional[VisiblePlaces] = None
    area: Optional[PlacesInside] = None

    def __post_init__(self) -> None:
        self._in_batches = halve_on_out_of_memory(self._match_batch, self.batch_size, self.reporter)

    @property
    def optical_margin(self) -> int:
        """Pixels around a block that its candidates, templates and their features need."""
        return max(self._template_half + self.matcher.margin, self._candidate_margin)

    @property
    def sar_margin(self) -> int:
        """Pixels around a block that its candidates, search windows and their features need."""
        return max(self._search_half + self.matcher.margin, self._candidate_margin)

    @property
    def _candidate_margin(self) -> int:
        return GOODNESS_MARGIN if self.goodness else 0

    @property
    def _template_half(self) -> int:
        return self.matcher.template_side // 2

    @property
    def _search_half(self) -> int:
        return self.matcher.search_side(self.max_shift) // 2

    @torch.inference_mode()
    def match(self, block: Block, grid: Grid) -> Matches:
        """Return the `Matches` of a `Block` of the `Grid`."""
        block = block._replace(sar=block.sar.to(self.device), optical=block.optical.to(self.device))
        positions, reasons = self._candidates(block, grid)
        inside = (positions[:, 0] + block.col < grid.width) & (positions[:, 1] + block.row < grid.height)
        if self.area is not None:
            cols, rows = positions.numpy().T
            inside &= torch.from_numpy(self.area.at(cols + block.col, rows + block.row))
        positions, reasons = positions[inside], reasons[inside.numpy()]
        reasons = self._without_data(block, grid, positions, reasons)
        if self.visible is not None:
            wanted = np.flatnonzero(reasons == "")
            cols, rows = positions[wanted].numpy().T
            reasons[wanted[~self.visible.at(cols + block.col, rows + block.row)]] = "visibility"
        tried = np.flatnonzero(reasons == "")
        measured = np.full((4, len(positions)), np.nan)
        if len(tried):
            measured[:, tried] = self._measure(block, positions[tried])
            if self.orn is not None:
                reasons[(reasons == "") & (measured[2] < self.orn_threshold)] = "orn"
        return Matches(positions[:, 0].numpy() + block.col, positions[:, 1].numpy() + block.row, *measured, reasons)

    def _candidates(self, block: Block, grid: Grid) -> tuple[Tensor, np.ndarray]:
        """Return (positions [N, 2] within the block, reasons [N])."""
        if self.candidates == "grid":
            positions = grid_candidates(block.side, self.spacing)
        elif self.candidates == "corners":
            positions = corner_candidates(block.optical, block.side, self.spacing)
        else:
            fusion = self.candidates.removeprefix("goodness_")
            ends = -block.col, -block.row, grid.width - block.col, grid.height - block.row
            positions, goodness = goodness_candidates(
                self.goodness, block.sar, block.optical, block.side, ends, self.spacing, fusion
            )
            is_low = (goodness < self.goodness_threshold).cpu().numpy()
            return positions, np.where(is_low, "low_goodness", "").astype(_REASON)
        return positions, np.full(len(positions), "", _REASON)

    def _without_data(self, block: Block, grid: Grid, positions: Tensor, reasons: np.ndarray) -> np.ndarray:
        """Reject candidates whose windows lack data: "border" where they reach over the grid, else "nodata"."""
        for area, half in ((block.optical, self._template_half), (block.sar, self._search_half)):
            invalid = (~area.valid).to(torch.float64).cumsum(0).cumsum(1)
            invalid = torch.nn.functional.pad(invalid, (1, 0, 1, 0))
            col, row = area.at(positions).T
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
        return reasons.astype(_REASON)

    def _measure(self, block: Block, positions: Tensor) -> np.ndarray:
        """Return dx, dy, score and peak ratio, [4, N], of the candidates at `positions`."""
        features = self.matcher.describe(block.sar.values, block.optical.values)
        tries = _Tries(features, (block.sar.at(positions), block.optical.at(positions)))
        return torch.cat(self._in_batches(tries), 1).double().numpy()

    def _match_batch(self, tries: _Tries) -> Tensor:
        heat = heat_at(self.matcher, tries.features, tries.centres, self.max_shift)
        peaks = find_peaks(heat)
        # In float32, as the goodness networks: bf16 halves the time of both, but with the shipped ones it turned 0.9 %
        # (ORN) and 2.0 % (goodness) of the decisions on the validation tiles, probabilities moving by up to 0.06.
        score = self.matcher.score(peaks.height) if self.orn is None else self.orn(orn_input(heat))
        return torch.stack((peaks.dx, peaks.dy, score, peaks.ratio)).cpu()


def heat_at(
    matcher: Matcher, features: tuple[Tensor, Tensor], centres: tuple[Tensor, Tensor], max_shift: int
) -> Tensor:
    """Return the heat maps [N, 2m+1, 2m+1], m = `max_shift`, of a matcher at some places of described areas.

    `features` is (SAR, optical) [C, H, W], `centres` their positions [N, 2] (col, row). The matcher sees search windows
    as large as it asks for; of its heat maps, the offsets up to ±max_shift are kept.
    """
    templates = cut_windows(features[1], centres[1], matcher.template_side // 2)
    searches = cut_windows(features[0], centres[0], matcher.search_side(max_shift) // 2)
    return middle(matcher.heat(templates, searches), 2 * max_shift + 1)


def orn_input(heat: Tensor) -> Tensor:
    """Return heat maps [N, s, s] as the ORN takes them, [N, 1, s', s'], s' >= 65: padded with their minimum."""
    missing = max(0, SMALLEST_HEAT_MAP - heat.shape[-1])
    if missing:
        low = heat.flatten(1).amin(1)[:, None, None]
        heat = torch.nn.functional.pad(heat - low, (missing // 2, missing - missing // 2) * 2) + low
    return heat[:, None]
