"""Do layers lie on each other? The matcher that ships measures it before anything is learnt from them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Optional

import torch
from torch import Tensor

from ....contract.errors import UserError
from ....contract.installation import SHIPPED_MATCHER
from ....contract.matching_training_jobs import LARGEST_REALIGNMENT
from ....models.model_file import load_model
from ...reporting import Reporter
from ...training.aligned_scene import AlignedScene
from ...training.patches import TRAINING, VALIDATION, spread
from ...training.places import Place, Places
from ..bridge_matcher import BridgeMatcher
from ..layer import Layer
from ..overall_alignment import overall_alignment
from .layer_pairs import LayerPair, PatchPixels, is_filled
from .realignment import common_shift

ALIGNED = 1.5
"""Pixels that layers may be off in the median of their patches: networks learn to be as far off."""

_LOOKED_AT, _FEWEST = 16, 2
"""Patches of a scene that are measured, and how many of them tell more than a first look does."""

_FARTHEST = 128
"""Pixels by which a first look at the whole image finds layers to be off."""

_REMEDY = "co-register them first (Align images), or have the patches re-aligned (REALIGN)"


class Alignment(NamedTuple):
    """Patches that lie on each other: `places`, the `shifts` [2] that each is moved by, and by how many pixels the
    layers were found to be off, of several scenes the most; None where nothing could be measured."""

    places: Places
    shifts: Mapping[Place, Tensor]
    offset: Optional[float]


@dataclass(frozen=True)
class _Ruler:
    """What measures: a matcher on 8-bit pixels of the places."""

    matcher: BridgeMatcher
    pixels: PatchPixels

    def shifts(self, places: list[Place], reporter: Reporter) -> dict[Place, Tensor]:
        """Return the shift of each place whose windows agree on one, from optical to SAR (right, down), in pixels."""
        found = {}
        for done, place in enumerate(places):
            reporter.progress(done / len(places))
            shift = common_shift(LayerPair(place, 0, self.pixels), self.matcher, LARGEST_REALIGNMENT)
            if shift is not None:
                found[place] = shift.cpu()
        return found


@torch.inference_mode()
def aligned(
    places: Places, value_range: tuple[float, float], realign: bool, device: torch.device, reporter: Reporter
) -> Alignment:
    """Return the `Alignment` of places: all of them as they are, or with `realign` those that agree on a shift.

    Raises `UserError` for layers that are off, where they are not to be re-aligned, or are too far, and where too few
    patches agree.
    """
    network = load_model(SHIPPED_MATCHER, "match")[1]["match"]
    ruler = _Ruler(BridgeMatcher(network.to(device), device, reporter), PatchPixels(value_range))
    shifts, offsets, count = {}, [], len(places.scenes)
    for number, (scene, all_of_it) in enumerate(zip(places.scenes, _by_scene(places))):
        looked_at = all_of_it if realign else spread(all_of_it, _LOOKED_AT)
        found = ruler.shifts(looked_at, reporter.part(number / count, (number + 1) / count))
        offsets.append(_offset(scene, found, len(looked_at), realign, ruler.matcher, reporter))
        shifts.update({place: shift for place, shift in found.items() if not realign or is_filled(place, shift)})
    offset = max((each for each in offsets if each is not None), default=None)
    if not realign:
        return Alignment(places, {}, offset)
    return Alignment(_agreeing(places, shifts, reporter), shifts, offset)


def _by_scene(places):
    of_parts = [places.by_scene(part) for part in (TRAINING, VALIDATION)]
    return [learnt + kept for learnt, kept in zip(*of_parts)]


def _offset(
    scene: AlignedScene,
    found: Mapping[Place, Tensor],
    looked_at: int,
    realign: bool,
    matcher: BridgeMatcher,
    reporter: Reporter,
) -> Optional[float]:
    """Return by how many pixels the layers of a scene are off, None where nothing tells; raises as `aligned`."""
    sar, optical = scene.layers.sar, scene.layers.optical
    both = f"Layers '{sar.name}' and '{optical.name}'"
    if len(found) >= min(_FEWEST, looked_at):
        # Not the middle shift: images of two scales lie on each other in the middle alone.
        off = float(torch.stack(list(found.values())).norm(dim=1).median())
        how = f"as {len(found)} of {looked_at} patches agree"
    else:
        shift, how = _first_look(scene, both, matcher, reporter), "seen on both as a whole"
        if shift is None:
            return None
        off = float(shift.norm())
    told = f"the optical image is {off:.1f} pixels ({off * scene.grid.pixel_size:.3g} m) off the SAR image, {how}"
    if off > LARGEST_REALIGNMENT:
        raise UserError(f"{both} are not aligned: {told}; co-register them first (Align images).")
    if off > ALIGNED and not realign:
        raise UserError(f"{both} are not aligned: {told}; {_REMEDY}.")
    reporter.info(f"{both}: {told}.")
    return off


def _first_look(scene: AlignedScene, both: str, matcher: BridgeMatcher, reporter: Reporter) -> Optional[Tensor]:
    """Return by how much the optical image is off in the middle of the overlap, None where nothing is found."""
    sar, grid = scene.layers.sar, scene.grid
    images = Layer(replace(sar, bands=sar.bands[:1]), scene.radiometry), Layer(scene.layers.optical, scene.stretch)
    found = overall_alignment(*images, grid, _FARTHEST, matcher)
    if found.is_turned:
        raise UserError(f"{both} are not aligned: {found.reason}.")
    if not found.found:
        reporter.warning(
            f"Whether {both[0].lower()}{both[1:]} lie on each other could not be measured ({found.reason}): a matcher "
            "learns to be as far off as they are, so make sure that they do."
        )
        return None
    middle = torch.tensor([grid.width / 2, grid.height / 2])
    return torch.tensor(found.transform * tuple(middle.tolist())) - middle


def _agreeing(places: Places, shifts: Mapping[Place, Tensor], reporter: Reporter) -> Places:
    """Return the places that have a shift; raises `UserError` where too few of one part have."""
    kept = places.only(shifts)
    before, after = ({part: sum(each.count(part)) for part in (TRAINING, VALIDATION)} for each in (places, kept))
    if not all(after.values()):
        raise UserError(
            f"Re-alignment found a shift, onto ground without holes, in {after[TRAINING]} of {before[TRAINING]} "
            f"training patches and in {after[VALIDATION]} of {before[VALIDATION]} of the validation area, and one of "
            "each is needed at least: choose layers of more ground, or co-register them first (Align images) and train "
            "without REALIGN."
        )
    lengths = torch.stack([shift.norm() for shift in shifts.values()])
    reporter.info(
        f"{len(shifts)} of {sum(before.values())} patches are moved, by {float(lengths.median()):.1f} pixels in the "
        f"median and {float(lengths.max()):.1f} at most; the others, whose windows do not agree on a shift or that "
        "would show holes, are left out."
    )
    return kept
