"""Pairs that are not aligned as published, re-aligned by a matcher that was trained on those that are."""

from collections.abc import Sequence
from pathlib import Path

import torch

from ..contract.installation import SHIPPED_MATCHER
from ..engine.matching.bridge_matcher import BridgeMatcher
from ..engine.matching.training.realignment import realigned
from ..engine.training.pair import Pair
from ..models.matching.bridge_match import BridgeMatch
from ..models.model_file import load_model
from .pairs import kept_pairs


def shipped_matcher() -> BridgeMatch:
    """Return the matcher that ships."""
    return load_model(SHIPPED_MATCHER, "match")[1]["match"]


def realigned_pairs(path: Path, published: Sequence[Pair], network: BridgeMatch) -> list[Pair]:
    """Return `published` pairs, cut to 256 pixels a side, where a BridgeMatch agrees with itself on their shift.

    They are kept in the file `path`.
    """

    def made() -> list[Pair]:
        agreeing = realigned(published, BridgeMatcher(network, torch.device("cpu")))
        print(f"{path.stem}: {len(published)} tiles, {len(agreeing)} of 256 px agree on a shift", flush=True)
        return agreeing

    return kept_pairs(path, made)
