"""What a matching run works with: the networks of its model file, how its blocks are matched, and the way over all."""

from contextlib import closing
from typing import NamedTuple, Optional

import torch
from torch import nn

from ...contract.errors import UserError
from ...contract.matching_jobs import CANDIDATES_BY_GOODNESS, GOODNESS_NETWORKS, LEARNED_METHODS, MatchTiePointsJob
from ...models.card import Card
from ...models.model_file import load_model
from ..compute.memory import give_back_freed_memory
from ..inference.area_network import AreaNetwork
from ..rasters.grid import Grid
from ..rasters.grid_reader import GridReader
from ..reporting import Reporter
from .acceptance import goodness_threshold, largest_sigma, orn_threshold
from .block_matching import BlockMatcher, judged_around
from .blocks import block_side, count_blocks, read_blocks
from .candidates import goodness_network
from .matcher import Matcher
from .matches import Matches

_LARGEST_BATCHES, _BATCH_SIDE = {"cpu": 8, "cuda": 32, "mps": 32}, 256
"""Candidates matched at once, by device, and pixels a side of their search windows at the default largest shift. A CPU
gains a tenth by more of them, at a fifth more memory (`benchmarks/kept_memory.py`); a GPU gains much."""

_NO_GOODNESS = (
    "Candidates by goodness need a model with goodness networks, and {}: choose one, or candidates on a grid."
)


class Networks(NamedTuple):
    """A model file's networks for matching: card, that of the method, (SAR, optical) goodness networks, ORN, and what
    predicts errors."""

    card: Card
    match: nn.Module
    goodness: tuple[AreaNetwork, ...]
    orn: Optional[nn.Module]
    match_error: Optional[nn.Module]


def load_networks(job: MatchTiePointsJob, device: torch.device, reporter: Reporter) -> Optional[Networks]:
    """Return the `Networks` of the job's model, None where the run asks none of them."""
    by_goodness = job.candidates in CANDIDATES_BY_GOODNESS
    if not by_goodness and job.method not in LEARNED_METHODS:
        return None
    if not job.model:
        raise UserError(_NO_GOODNESS.format("none is chosen"))
    card, networks = load_model(job.model, "match")
    if "match" not in networks:
        raise UserError(f"The model '{card.name}' holds no network 'match': choose another model.")
    if job.largest_sigma >= 0 and "match_error" not in networks:
        raise UserError(
            f"The model '{card.name}' predicts no errors: leave the largest predicted error (MAX_SIGMA) empty, or "
            "choose another model."
        )
    if by_goodness and not networks.keys() >= set(GOODNESS_NETWORKS):
        raise UserError(_NO_GOODNESS.format(f"'{card.name}' holds none"))
    reporter.info(f"Model: '{card.name}'.")
    networks = {name: network.to(device) for name, network in networks.items()}
    goodness = tuple(
        goodness_network(networks[name], device, reporter) for name in GOODNESS_NETWORKS if name in networks
    )
    return Networks(card, networks["match"], goodness, networks.get("orn"), networks.get("match_error"))


def block_matcher(
    job: MatchTiePointsJob,
    networks: Optional[Networks],
    matcher: Matcher,
    reach: int,
    device: torch.device,
    reporter: Reporter,
) -> BlockMatcher:
    """Return how the blocks of a run are matched: `reach`, working pixels around each place that are searched."""
    card = networks.card if networks else None
    is_learned = job.method in LEARNED_METHODS
    match_error = networks.match_error if is_learned else None
    # Where errors are predicted, the published network judges only who asks for it.
    orn = networks.orn if is_learned and (match_error is None or job.orn_threshold >= 0) else None
    known = reach + judged_around(orn, match_error)
    return BlockMatcher(
        matcher=matcher,
        max_shift=reach,
        spacing=job.spacing,
        candidates=job.candidates,
        goodness=networks.goodness if job.candidates in CANDIDATES_BY_GOODNESS else None,
        goodness_threshold=goodness_threshold(job, card) or 0.0,  # which rejects nothing
        orn=orn,
        orn_threshold=orn_threshold(job, card) or 0.0,
        match_error=match_error,
        largest_sigma=largest_sigma(job, card) or 0.0,
        device=device,
        batch_size=job.batch_size or _default_batch(device, matcher.search_side(known)),
        reporter=reporter,
    )


def match_blocks(
    matcher: BlockMatcher, sar: GridReader, optical: GridReader, grid: Grid, reporter: Reporter
) -> Matches:
    """Return the `Matches` of all blocks of a grid that both readers are on."""
    side = block_side(matcher.spacing, grid)
    parts, total = [], count_blocks(grid, side)
    margins = matcher.sar_margin, matcher.optical_margin
    pinned = matcher.device.type == "cuda"
    with closing(read_blocks(sar, optical, grid, side, *margins, pinned=pinned)) as blocks:
        for done, block in enumerate(blocks, 1):
            parts.append(matcher.match(block, grid, reporter.part((done - 1) / total, done / total)))
            give_back_freed_memory()
    return Matches.joined(parts)


def _default_batch(device: torch.device, search_side: int) -> int:
    """Return how many candidates are matched at once: memory grows with the area of their search windows."""
    largest = _LARGEST_BATCHES[device.type]
    return max(1, min(largest, largest * _BATCH_SIDE**2 // search_side**2))
