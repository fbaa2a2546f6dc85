"""The surface along range lines: where it is compressed, folded over itself and out of sight.

Every function takes lines [L, N]: the first axis runs along the flight, the second away from the sensor, `step` metres
of ground from sample to sample. A line is a polyline through its samples, but for walls.

Wavefronts are planes within a line: the two coordinates of the image plane, `slant_range` (along the line of sight)
and `look_height` (across it), are summed up segment by segment with the incidence angle of each. A true wavefront
bends by h² / (2 R) over a height h at the distance R: 2.4 m for 2000 m of relief seen from orbit (850 km), 4.5 m for
300 m seen from an aircraft 10 km away.
"""

import math
from typing import NamedTuple, Union

import torch
import torch.nn.functional as F

from .gaps import fill_gaps

FORESHORTENING, ACTIVE_LAYOVER, PASSIVE_LAYOVER, ACTIVE_SHADOW, PASSIVE_SHADOW, NO_DATA = 1, 2, 4, 8, 16, 128
"""Bits of the zone mask."""
LAYOVER, SHADOW = ACTIVE_LAYOVER | PASSIVE_LAYOVER, ACTIVE_SHADOW | PASSIVE_SHADOW
"""Either kind of each."""

Step = Union[float, torch.Tensor]
"""Metres from sample to sample: a number, or a tensor that broadcasts to [L, N]."""

_ROUNDING = 1e-3
"""Share of a step below which two positions count as one: flat ground must have no zone."""


class Sight(NamedTuple):
    """Lines [L, N] as the sensor sees them, in metres.

    `slant_range`: distance from the sensor, less that of the line's first sample; `look_height`: distance across the
    line of sight, upwards; `horizon`: largest look height before each sample, -inf at the first. `nearest`, `farthest`:
    slant ranges of the nearest and of the farthest place that belongs to a sample: half a step away where a wall is.
    """

    slant_range: torch.Tensor
    look_height: torch.Tensor
    horizon: torch.Tensor
    nearest: torch.Tensor
    farthest: torch.Tensor


def sight(height: torch.Tensor, incidence: torch.Tensor, step: Step, wall: float = math.inf) -> Sight:
    """Return the `Sight` of heights [L, N] (metres, no NaN); `incidence` in radians, broadcast to [L, N].

    From sample to sample the line is straight. Where it rises or falls by more than `wall` metres, it is level to the
    middle between the two, and stands upright there.
    """
    angle, step = _of_segments(incidence), _of_segments(torch.as_tensor(step))
    rise, away, upwards = height.diff(dim=1), angle.sin() * step, angle.cos() * step
    slant_range = _summed(away - angle.cos() * rise)
    look_height = _summed(upwards + angle.sin() * rise)
    edge, nearest, farthest = look_height[:, :-1], slant_range, slant_range
    if wall < math.inf:
        half_behind, half_before = torch.where(rise < -wall, upwards / 2, 0), torch.where(rise > wall, away / 2, 0)
        edge = edge + half_behind
        nearest = slant_range - F.pad(half_before, (1, 0))
        farthest = slant_range + F.pad(half_before, (0, 1))
    before = torch.full_like(look_height[:, :1], -torch.inf)
    return Sight(slant_range, look_height, torch.cat((before, edge.cummax(1).values), 1), nearest, farthest)


def _of_segments(values):
    """Values that broadcast to [L, N], between samples."""
    return values if values.shape[-1:] in ((), (1,)) else (values[..., 1:] + values[..., :-1]) / 2


def _summed(steps):
    sums = torch.zeros((len(steps), steps.shape[1] + 1), dtype=steps.dtype, device=steps.device)
    sums[:, 1:] = steps.cumsum(1, dtype=torch.float64)
    return sums


def shadow_depth(seen: Sight, step: Step) -> torch.Tensor:
    """Return metres [L, N], across the line of sight, by which something nearer stands above each sample of a `Sight`.

    Above 0 is out of sight; in full view it is -step at the least.
    """
    return (seen.horizon - seen.look_height).clamp_min(-step)


def fold_over(seen: Sight, step: Step) -> torch.Tensor:
    """Return metres [L, N], along the line of sight, by which what lies beyond each sample of a `Sight` is nearer.

    Above 0, a higher part of the line lies over the sample in the image: of two places at one slant range the farther
    one is the higher one, as r = x sin(incidence) - h cos(incidence). Without a fold it is -step at the least.
    """
    end = torch.full_like(seen.slant_range[:, :1], torch.inf)
    nearest_beyond = torch.cat((seen.nearest[:, 1:], end), 1).flip(1).cummin(1).values.flip(1)
    return (seen.slant_range - nearest_beyond).clamp_min(-step)


def fold_under(seen: Sight, step: Step) -> torch.Tensor:
    """Return metres [L, N], along the line of sight, by which what lies before each sample of a `Sight` is farther.

    Above 0, the sample lies over a lower part of the line, or before it; without a fold it is -step at the least.
    """
    start = torch.full_like(seen.slant_range[:, :1], -torch.inf)
    farthest_before = torch.cat((start, seen.farthest[:, :-1]), 1).cummax(1).values
    return (farthest_before - seen.slant_range).clamp_min(-step)


def is_shadowed(seen: Sight, step: Step) -> torch.Tensor:
    """Return bool [L, N]: samples of a `Sight` whose line of sight something nearer interrupts."""
    return beyond_rounding(shadow_depth(seen, step) / step)


def beyond_rounding(steps: torch.Tensor) -> torch.Tensor:
    """Return bool: which of the depths of shadows, or of the lengths of folds, in steps, are more than rounding."""
    return steps > _ROUNDING


class Distortion(NamedTuple):
    """What the radar does to places of any shape, in numbers: a zone begins where one passes 0 or 1.

    `compression`: the slant range that the ground takes, over that of flat ground, 1 - slope cot(incidence): 1 on flat
    ground, below 1 on slopes that face the sensor, below 0 where they are laid over. `exposure`: 1 + slope
    tan(incidence): 1 on flat ground, below 0 on slopes that fall away more steeply than the line of sight. `fold`: the
    larger of `fold_over` and `fold_under`, in steps. `depth`: `shadow_depth` in steps.
    """

    compression: torch.Tensor
    exposure: torch.Tensor
    fold: torch.Tensor
    depth: torch.Tensor


def distortion(height: torch.Tensor, incidence: torch.Tensor, step: float) -> Distortion:
    """Return the `Distortion` of heights [L, N] (metres, no NaN); slopes by central differences along the lines."""
    slope = torch.gradient(height, spacing=step, dim=1)[0] if height.shape[1] > 1 else torch.zeros_like(height)
    return distortion_within(limits(height, incidence, step), height, slope, incidence, step)


class Limits(NamedTuple):
    """Heights, in metres, that decide about places on lines, whatever stands there.

    Below `shade` it is in shadow; below `over` higher parts of the line lie over it; above `under` it lies over lower
    parts, or before them. All three change less from line to line than heights do.
    """

    shade: torch.Tensor
    over: torch.Tensor
    under: torch.Tensor


def limits(height: torch.Tensor, incidence: torch.Tensor, step: Step, wall: float = math.inf) -> Limits:
    """Return the `Limits`, [L, N] each, of heights [L, N] (metres, no NaN), with walls as in `sight`."""
    seen = sight(height, incidence, step, wall)
    upwards, nearer = 1 / incidence.sin(), 1 / incidence.cos()
    return Limits(
        height + shadow_depth(seen, step) * upwards,
        height + fold_over(seen, step) * nearer,
        height - fold_under(seen, step) * nearer,
    )


def distortion_within(
    found: Limits, height: torch.Tensor, slope: torch.Tensor, incidence: torch.Tensor, step: Step
) -> Distortion:
    """Return the `Distortion` of places with these heights, slopes along the line and incidence, within `Limits`."""
    steepness = incidence.tan()
    fold = torch.maximum(found.over - height, height - found.under) * (incidence.cos() / step)
    depth = (found.shade - height) * (incidence.sin() / step)
    return Distortion(1 - slope / steepness, 1 + slope * steepness, fold, depth)


def zones_of(found: Distortion, foreshortened_below: float) -> torch.Tensor:
    """Return the zone mask, uint8, of a `Distortion` of any shape.

    `foreshortened_below`: compression under which a slope that is not laid over counts as foreshortened. Layover and
    shadow are told apart as Meier et al. (1993) do: active where the slope itself makes them, passive where they fall.
    Each is judged by geometry alone: layover may lie in a shadow, where no echo comes from.
    """
    active_layover, active_shadow = found.compression < -_ROUNDING, found.exposure < -_ROUNDING
    bits = (
        (FORESHORTENING, (found.compression < foreshortened_below) & ~active_layover),
        (ACTIVE_LAYOVER, active_layover),
        (PASSIVE_LAYOVER, beyond_rounding(found.fold) & ~active_layover),
        (ACTIVE_SHADOW, active_shadow),
        (PASSIVE_SHADOW, beyond_rounding(found.depth) & ~active_shadow),
    )
    return sum(bit * where.byte() for bit, where in bits)


def zones(height: torch.Tensor, incidence: torch.Tensor, step: float, foreshortened_below: float) -> torch.Tensor:
    """Return the zone mask, uint8 [L, N], of heights [L, N] in metres; NaN is no data (`NO_DATA` and nothing else)."""
    mask = zones_of(distortion(fill_gaps(height), incidence, step), foreshortened_below)
    return torch.where(torch.isfinite(height), mask, NO_DATA)


def local_incidence(along: torch.Tensor, across: torch.Tensor, incidence: torch.Tensor) -> torch.Tensor:
    """Return the angle, radians, between the line of sight and the normal of a surface.

    along, across: its slopes, metres per metre, away from the sensor and square to that.
    """
    cosine = (along * incidence.sin() + incidence.cos()) / (1 + along**2 + across**2).sqrt()
    return cosine.clamp(-1, 1).acos()


def spread(start: torch.Tensor, end: torch.Tensor, mass: torch.Tensor, bins: int, bin_size: float) -> torch.Tensor:
    """Return [L, bins]: how much of each segment's `mass` falls into each slant-range bin.

    start, end, mass: [L, S]; a segment spreads its mass evenly between its two ends (metres; bin k reaches from
    k bin_size to (k + 1) bin_size). What lies beyond the bins is lost, nothing else: sums are kept to float64 rounding.
    """
    low, high = torch.minimum(start, end).double() / bin_size, torch.maximum(start, end).double() / bin_size
    high = torch.maximum(high, low + 1e-3)  # a wave front that a wall meets all at once
    density = mass.double() / (high - low)
    # What each bin holds rises where a segment begins and falls where it ends, by its density; a change within a bin
    # counts there with the part of the bin that is left.
    change = torch.zeros((len(start), bins + 2), dtype=torch.float64, device=start.device)
    for position, step in ((low, density), (high, -density)):
        position = position.clamp(-1, bins)  # before the first bin: in force from its edge on
        cell = position.floor()
        share = position - cell
        change.scatter_add_(1, cell.long() + 1, step * (1 - share))
        change.scatter_add_(1, (cell.long() + 2).clamp_max(bins + 1), step * share)
    return change.cumsum(1)[:, 1 : bins + 1].to(mass.dtype)


def layover_count(height: torch.Tensor, incidence: torch.Tensor, step: Step) -> torch.Tensor:
    """Return how many samples' worth of ground share the slant-range cell of each sample, float [L, N] (no NaN).

    A slant-range cell is as long as one step of flat ground. Flat ground has 1, a slope compressed to a quarter 4, the
    three sheets of a layover the sum of theirs.
    """
    position = _ground_range(sight(height, incidence, step).slant_range, incidence, step)
    # Half a step of level ground at each end: otherwise the first and the last sample would share less.
    nodes = torch.cat((position[:, :1] - 0.5, position, position[:, -1:] + 0.5), 1) + 0.5
    mass = torch.ones_like(nodes[:, 1:])
    mass[:, 0] = mass[:, -1] = 0.5
    counts = spread(nodes[:, :-1], nodes[:, 1:], mass, height.shape[1], 1.0)
    return counts.gather(1, (position + 0.5).floor().long().clamp(0, height.shape[1] - 1))


def _ground_range(slant_range, incidence, step):
    """Return [L, N]: where level ground at the height of the line's first sample has these slant ranges, in samples."""
    level = sight(torch.zeros_like(slant_range), incidence, step).slant_range
    beyond = torch.searchsorted(level, slant_range, right=True).clamp(1, level.shape[1] - 1)
    start, end = level.gather(1, beyond - 1), level.gather(1, beyond)
    return beyond - 1 + (slant_range - start) / (end - start)
