"""Match the candidates of one block: from two areas to offsets, scores and reasons."""

from dataclasses import dataclass, replace
from typing import Callable, Optional

import numpy as np
import torch
from torch import Tensor

from ...models.matching.match_error_net import AROUND as ERROR_AROUND
from ..compute.device import halve_on_out_of_memory
from ..rasters.grid import Grid
from ..reporting import NullReporter, Reporter
from .blocks import Block
from .candidates import GOODNESS_MARGIN, corner_candidates, goodness_candidates, grid_candidates
from .coverage import any_within, fits
from .judgement import AROUND, Orn, is_slope, judged, neighbourhoods
from .matcher import Matcher
from .matches import REASON, Matches
from .peaks import find_peaks
from .planted_offsets import PlantedOffsets
from .visible_places import PlacesInside, VisiblePlaces
from .windows import cut_cells, cut_windows, middle

_CHOSEN, _DESCRIBED = 0.3, 0.5
"""How much of a block is done when candidates are chosen by goodness, and when its features are there, on a CPU."""

Network = Callable[[Tensor], Tensor]


@dataclass(frozen=True)
class _Tries:
    """Places to match, `centres` [N, 2], in two described areas, (SAR, optical) both; sliced into batches.

    `sar_fits` says where in the SAR area templates may be laid (see `coverage.fits`).
    """

    features: tuple[Tensor, Tensor]
    sar_fits: Tensor
    centres: tuple[Tensor, Tensor]

    def __len__(self) -> int:
        return len(self.centres[0])

    def __getitem__(self, part: slice) -> "_Tries":
        return replace(self, centres=tuple(centres[part] for centres in self.centres))


@dataclass
class BlockMatcher:
    """How blocks are matched: the method, its networks and the user's choices.

    `goodness` holds the (SAR, optical) goodness networks, `orn` the outlier reduction network, `match_error` what
    predicts errors; None where unused. `visible`, `area` None: all places count. `planted`: what search windows of
    aligned images are displaced by, so that it is known what must be found; then only places count that have data at
    all offsets, and offsets are errors. One instance serves a whole run, so that a batch size that was halved once
    stays halved.
    """

    matcher: Matcher
    max_shift: int
    spacing: int
    candidates: str
    goodness: Optional[tuple[Network, Network]]
    goodness_threshold: float
    orn: Optional[Orn]
    orn_threshold: float
    match_error: Optional[Network]
    largest_sigma: float
    device: torch.device
    batch_size: int
    reporter: Reporter
    visible: Optional[VisiblePlaces] = None
    area: Optional[PlacesInside] = None
    planted: Optional[PlantedOffsets] = None

    def __post_init__(self) -> None:
        self._in_batches = halve_on_out_of_memory(self._match_batch, self.batch_size, self.reporter)

    @property
    def optical_margin(self) -> int:
        """Pixels around a block that its candidates, templates and their features need."""
        return max(self._template_half + self.matcher.margin, self._candidate_margin)

    @property
    def sar_margin(self) -> int:
        """Pixels around a block that its candidates, search windows and their features need."""
        displaced = self.planted.largest if self.planted else 0
        return max(self._search_half + displaced + self.matcher.margin, self._candidate_margin)

    @property
    def _candidate_margin(self) -> int:
        return GOODNESS_MARGIN if self.goodness else 0

    @property
    def _template_half(self) -> int:
        return self.matcher.template_side // 2

    @property
    def _search_half(self) -> int:
        return self.matcher.search_side(self._known_shift) // 2

    @property
    def _known_shift(self) -> int:
        """Up to which offset heat maps must be known so that peaks up to ±max_shift can be judged."""
        return self.max_shift + judged_around(self.orn, self.match_error)

    @torch.inference_mode()
    def match(self, block: Block, grid: Grid, reporter: Optional[Reporter] = None) -> Matches:
        """Return the `Matches` of a `Block` of the `Grid`; `reporter` hears how much of the block is done."""
        reporter = reporter or NullReporter()
        block = block._replace(sar=block.sar.to(self.device), optical=block.optical.to(self.device))
        positions, reasons = self._candidates(block, grid, reporter)
        inside = (positions[:, 0] + block.col < grid.width) & (positions[:, 1] + block.row < grid.height)
        if self.area is not None:
            cols, rows = positions.numpy().T
            inside &= torch.from_numpy(self.area.at(cols + block.col, rows + block.row))
        positions, reasons = positions[inside], reasons[inside.numpy()]
        sar_fits = fits(block.sar.valid, self._template_half)
        if self.planted:
            missing = any_within(~sar_fits, self._sar_centres(block, positions), self.max_shift)
            positions, reasons = positions[~missing], reasons[~missing.numpy()]
        reasons = self._without_data(block, grid, positions, sar_fits, reasons)
        if self.visible is not None:
            wanted = np.flatnonzero(reasons == "")
            cols, rows = positions[wanted].numpy().T
            reasons[wanted[~self.visible.at(cols + block.col, rows + block.row)]] = "visibility"
        tried = np.flatnonzero(reasons == "")
        measured = np.full((5, len(positions)), np.nan)
        if len(tried):
            measured[:, tried] = self._measure(block, positions[tried], sar_fits, reporter)
            reasons[tried[np.isnan(measured[0, tried])]] = "border"
            # What is no number passes no threshold.
            reasons[(reasons == "") & ~(measured[2] >= self.orn_threshold)] = "orn"
            if self.match_error is not None:
                reasons[(reasons == "") & ~(measured[4] <= self.largest_sigma)] = "sigma"
        reporter.progress(1)
        return Matches(positions[:, 0].numpy() + block.col, positions[:, 1].numpy() + block.row, *measured, reasons)

    def _candidates(self, block: Block, grid: Grid, reporter: Reporter) -> tuple[Tensor, np.ndarray]:
        """Return (positions [N, 2] within the block, reasons [N])."""
        if self.candidates == "grid":
            positions = grid_candidates(block.side, self.spacing)
        elif self.candidates == "corners":
            positions = corner_candidates(block.optical, block.side, self.spacing)
        else:
            fusion = self.candidates.removeprefix("goodness_")
            ends = -block.col, -block.row, grid.width - block.col, grid.height - block.row
            networks = [
                _reporting(network, reporter, done) for network, done in zip(self.goodness, (_CHOSEN / 2, _CHOSEN))
            ]
            positions, goodness = goodness_candidates(
                networks, block.sar, block.optical, block.side, ends, self.spacing, fusion
            )
            is_promising = (goodness >= self.goodness_threshold).cpu().numpy()
            return positions, np.where(is_promising, "", "low_goodness").astype(REASON)
        return positions, np.full(len(positions), "", REASON)

    def _without_data(
        self, block: Block, grid: Grid, positions: Tensor, sar_fits: Tensor, reasons: np.ndarray
    ) -> np.ndarray:
        """Reject candidates without a template, or a place to lay it: "border" at the grid's edge, else "nodata"."""
        half = self._template_half
        col, row = block.optical.at(positions).T
        has_template = fits(block.optical.valid, half)[row, col]
        lacking = ~(has_template & any_within(sar_fits, self._sar_centres(block, positions), self.max_shift))
        x, y = positions[:, 0] + block.col, positions[:, 1] + block.row
        over_edge = (x < half) | (y < half) | (x > grid.width - half) | (y > grid.height - half)
        why = np.where(over_edge.numpy(), "border", "nodata")
        return np.where(lacking.numpy() & (reasons == ""), why, reasons).astype(REASON)

    def _measure(self, block: Block, positions: Tensor, sar_fits: Tensor, reporter: Reporter) -> np.ndarray:
        """Return dx, dy, score, peak ratio and sigma of the candidates at `positions`, [5, N].

        All are NaN where nothing was found, sigma also where nothing predicts it.
        """
        features = self.matcher.describe(block.sar.values, block.optical.values)
        reporter.progress(_DESCRIBED)
        centres = self._sar_centres(block, positions), block.optical.at(positions)
        tries = _Tries(features, sar_fits.to(self.device), centres)
        measured, at_once = [], self.batch_size
        for start in range(0, len(tries), at_once):
            measured += self._in_batches(tries[start : start + at_once])
            reporter.progress(_DESCRIBED + (1 - _DESCRIBED) * (start + at_once) / len(tries))
        measured = torch.cat(measured, 1).double()
        if self.planted:
            measured[:2] -= self._planted_at(block, positions).T
        return measured.numpy()

    def _sar_centres(self, block: Block, positions: Tensor) -> Tensor:
        """Return where in the SAR area the search windows of positions [N, 2] within the block have their middle."""
        centres = block.sar.at(positions)
        return centres - self._planted_at(block, positions) if self.planted else centres

    def _planted_at(self, block: Block, positions: Tensor) -> Tensor:
        return self.planted.at(positions + torch.tensor([block.col, block.row]))

    def _match_batch(self, tries: _Tries) -> Tensor:
        heat = heat_at(self.matcher, tries.features, tries.centres, self._known_shift)
        looked_at = cut_cells(tries.sar_fits.expand(len(tries), -1, -1), tries.centres[0], self.max_shift)
        searched = middle(heat, 2 * self.max_shift + 1).masked_fill(~looked_at, -torch.inf)
        peaks = find_peaks(searched)
        sigma, lost = torch.full_like(peaks.height, torch.nan), peaks.at_edge
        # In float32, as the goodness networks: bf16 halves the time of both, but with the shipped ones it turned 0.9 %
        # (ORN) and 2.0 % (goodness) of the decisions on the validation tiles, probabilities moving by up to 0.06.
        if self.match_error is not None:
            near = neighbourhoods(heat, peaks, ERROR_AROUND)
            sigma, lost = self.match_error(near), is_slope(near, peaks)
        if self.orn is not None:
            score = judged(self.orn, heat, searched, peaks)
            return torch.stack((peaks.dx, peaks.dy, score, peaks.ratio, sigma)).cpu()
        found = torch.stack((peaks.dx, peaks.dy, self.matcher.score(peaks.height), peaks.ratio, sigma))
        # They are slopes, which lead to a place that was not looked at.
        return found.masked_fill(lost, torch.nan).cpu()


def judged_around(orn: Optional[Orn], match_error: Optional[Network]) -> int:
    """Return how many cells around a peak must be known to those who judge it; None where unused."""
    return AROUND if orn is not None else ERROR_AROUND if match_error is not None else 0


def _reporting(network: Network, reporter: Reporter, done: float) -> Network:
    """Return a network that tells after its work how much is done."""

    def run(image):
        result = network(image)
        reporter.progress(done)
        return result

    return run


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
