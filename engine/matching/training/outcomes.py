"""What trained matchers make of samples whose truth is known: what the goodness networks and the ORN learn from.

L. H. Hughes, "Deep Learning for Matching High-Resolution SAR and Optical Imagery", dissertation, Technische Universität
München, 2020 ("Hughes 2020"), §4.6; what differs from it is called "our choice" here.
"""

from typing import NamedTuple

import torch

from ....models.matching.bridge_match import BridgeMatch
from ....models.matching.corr_asl import CorrASL
from ....models.matching.correlation import normalised_correlation
from ....models.matching.goodness import PATCH
from ....models.matching.losses import kronecker_delta, weighted_mse
from ....models.matching.match_error_net import AROUND as ERROR_AROUND
from ...compute.device import on_device, reduced_precision
from ...training.pair import Pair, Sets
from ..candidates import goodness_image
from ..corr_asl_matcher import CorrAslMatcher
from ..first_stage import FINE_REACH
from ..judgement import AROUND, is_slope, neighbourhoods
from ..matcher import TEMPLATE
from ..peaks import find_peaks
from ..pixel_matcher import scale_sar
from ..windows import middle
from .augmentation import MatchSampler
from .bridge_match_lesson import MAX_SHIFT, OPTICAL_SIDE, SAR_SIDE
from .evaluation import errors_of
from .match_error_lesson import ErrorSample
from .published_samples import PublishedSampler, true_cells


class Outcomes(NamedTuple):
    """Matches of a trained matcher: heat [N, 65, 65] around their peaks, the patches around the candidates, SAR and
    optical, [N, 128, 128] in 0..1 (all half precision), and the errors of the matches in pixels [N]; on the CPU."""

    heat: torch.Tensor
    sar: torch.Tensor
    optical: torch.Tensor
    error: torch.Tensor


@torch.inference_mode()
def bridge_match_outcomes(
    network: BridgeMatch, sets: Sets[Pair], count: int, seed: int, device: torch.device, batch: int = 16
) -> Outcomes:
    """Return the `Outcomes` of `count` samples drawn from `sets` (see `MatchSampler`)."""
    generator = torch.Generator().manual_seed(seed)
    sampler = MatchSampler(sets, SAR_SIDE + 2 * AROUND, OPTICAL_SIDE, MAX_SHIFT)
    network, parts = network.to(device), []
    for _ in range(count // batch):
        sample = on_device(sampler.draw(batch, generator), device)
        with reduced_precision(device):
            sar, optical = network.sar(sample.sar), network.optical(sample.optical)
        heat = normalised_correlation(middle(optical, TEMPLATE), middle(sar, TEMPLATE + 2 * (MAX_SHIFT + AROUND)))
        parts.append(_outcomes(heat, sample.sar, sample.optical, sample.shift))
    return _joined(parts)


@torch.inference_mode()
def bridge_match_errors(
    network: BridgeMatch, sets: Sets[Pair], count: int, seed: int, device: torch.device, batch: int = 16
) -> ErrorSample:
    """Return what the second stage of matching makes of about `count` samples of `sets`, on the CPU, in half precision.

    Offsets up to ±`FINE_REACH`, and what rotation and scale the first stage leaves. Slopes, which are no matches, are
    left out.
    """
    generator = torch.Generator().manual_seed(seed)
    sampler = MatchSampler(sets, SAR_SIDE, OPTICAL_SIDE, FINE_REACH, rotation=0.4, scale=0.005)
    network, parts = network.to(device), []
    for _ in range(count // batch):
        sample = on_device(sampler.draw(batch, generator), device)
        with reduced_precision(device):
            sar, optical = network.sar(sample.sar), network.optical(sample.optical)
        heat = normalised_correlation(
            middle(optical, TEMPLATE), middle(sar, TEMPLATE + 2 * (FINE_REACH + ERROR_AROUND))
        )
        near, off = found_near(heat, sample.shift)
        parts.append(ErrorSample(near[:, 0].half().cpu(), off.norm(dim=1).cpu()))
    return ErrorSample(*(torch.cat(part) for part in zip(*parts)))


def found_near(heat: torch.Tensor, shift: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the peaks up to ±`FINE_REACH` of heat maps [N, s, s] that are no slopes: their surroundings
    [n, 1, 33, 33], and by what they are off the true `shift` [N, 2], [n, 2]. s is 2 (`FINE_REACH` + 16) + 1.
    """
    peaks = find_peaks(middle(heat, 2 * FINE_REACH + 1))
    near = neighbourhoods(heat, peaks, ERROR_AROUND)
    counts = ~is_slope(near, peaks)
    return near[counts], (torch.stack((peaks.dx, peaks.dy), 1) - shift)[counts]


@torch.inference_mode()
def corr_asl_outcomes(
    network: CorrASL,
    sets: Sets[Pair],
    count: int,
    seed: int,
    value_range: tuple[float, float],
    device: torch.device,
    batch: int = 16,
) -> tuple[Outcomes, torch.Tensor]:
    """Return the `Outcomes` of `count` samples of `sets` and the matching loss [N] of each.

    Heat maps are what the engine hands to the ORN: upsampled to pixels and cut around the peak, [N, 65, 65] (our
    choice; Hughes 2020, §4.6, shows the ORN 65 x 65 cells of two pixels).
    """
    generator, sampler = torch.Generator().manual_seed(seed), PublishedSampler(sets)
    network = network.to(device)
    matcher, parts, losses = CorrAslMatcher(network, value_range), [], []
    for _ in range(count // batch):
        sample = on_device(sampler.draw(batch, generator), device)
        searches, templates = scale_sar(sample.sar, value_range), middle(sample.optical, TEMPLATE)
        whole = matcher.heat(templates, searches)
        # Every second pixel of the upsampled map is a cell of the raw one, unchanged.
        cells = whole[:, None, ::2, ::2]
        delta = kronecker_delta(true_cells(sample.shift), cells.shape[-2:])
        losses.append(weighted_mse(network.activate(cells), delta).cpu())
        parts.append(_outcomes(whole, sample.sar, sample.optical, sample.shift))
    return _joined(parts), torch.cat(losses)


def _outcomes(heat, sar, optical, shift):
    searched = middle(heat, 2 * MAX_SHIFT + 1)
    patches = (middle(goodness_image(images), PATCH)[:, 0].half().cpu() for images in (sar, optical))
    around = neighbourhoods(heat, find_peaks(searched))[:, 0]
    return Outcomes(around.half().cpu(), *patches, errors_of(searched, shift).cpu())


def _joined(parts):
    return Outcomes(*(torch.cat(part) for part in zip(*parts)))
