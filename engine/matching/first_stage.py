"""How a run comes from images that are off by thousands of pixels to windows that look a few pixels around."""

from dataclasses import dataclass

import torch
from rasterio.transform import Affine

from ...contract.errors import UserError
from ...contract.installation import SHIPPED_MATCHER
from ...contract.matching_jobs import MatchTiePointsJob
from ...models.model_file import load_model
from ..rasters.grid import Grid
from ..reporting import Reporter
from .bridge_matcher import BridgeMatcher
from .layer import Layer
from .matcher import Matcher
from .overall_alignment import OverallAlignment, overall_alignment

FINE_REACH = 16
"""Working pixels that windows look around once the images lie over each other as a whole: relief moves places so far.
Where images may be off by no more than that anyway, there is no first stage."""

_BLIND_REACH = 32
"""Working pixels that windows look around where the first stage found nothing."""


@dataclass(frozen=True)
class FirstStage:
    """What the second stage begins with.

    transform: from optical to SAR positions in pixels (col, row) of the working grid, the identity unless `found`.
    reach: working pixels that windows look around. sentence: what was found, or why nothing was, empty where nothing
    was looked for; reason: the part of it that says why.
    """

    transform: Affine
    found: bool
    reach: int
    sentence: str
    reason: str = ""

    def in_pixels_of(self, part: Grid, whole: Grid) -> Affine:
        """Return the transform in pixels of a part of the working grid `whole`."""
        to_whole = ~whole.transform * part.transform
        return ~to_whole * self.transform * to_whole


def first_stage(
    job: MatchTiePointsJob,
    sar: Layer,
    optical: Layer,
    grid: Grid,
    matcher: Matcher,
    device: torch.device,
    reporter: Reporter,
) -> FirstStage:
    """Return the `FirstStage` of a run on its whole working grid; the log says what was found.

    Whatever the method, BridgeMatch looks for it: the run's own network, or the shipped one. Where the job refuses
    chance, raises `UserError` if the image surely lies in another orientation, which chance may match as it is, or if
    nothing was found and no test of the points follows.
    """
    if job.max_shift <= FINE_REACH:
        return FirstStage(Affine.identity(), False, job.max_shift, "")
    if not isinstance(matcher, BridgeMatcher):
        matcher = BridgeMatcher(load_model(SHIPPED_MATCHER, "match")[1]["match"], device, reporter)
    found = overall_alignment(sar, optical, grid, job.max_shift, matcher)
    if job.refuse_chance and (found.is_turned or not found.found and job.outlier_test == "none"):
        raise cannot_align(job, found.reason)
    if not found.found:
        reach = min(job.max_shift, _BLIND_REACH)
        sentence = (
            f"Layers '{job.sar.name}' and '{job.optical.name}' could not be laid over each other as a whole: "
            f"{found.reason}. Points are looked for up to {reach} working pixels around where they are georeferenced."
        )
        reporter.warning(sentence)
        return FirstStage(found.transform, False, reach, sentence, found.reason)
    sentence = _sentence(found, grid)
    reporter.info(sentence)
    return FirstStage(found.transform, True, FINE_REACH, sentence)


def cannot_align(job: MatchTiePointsJob, why: str) -> UserError:
    """Return the sentence that the images of a job do not fit each other."""
    return UserError(f"Layers '{job.sar.name}' and '{job.optical.name}' cannot be aligned: {why}.")


def _sentence(found: OverallAlignment, grid: Grid) -> str:
    middle = grid.width / 2, grid.height / 2
    right, down = (there - here for there, here in zip(found.transform * middle, middle))
    return (
        f"First stage: {found.agreeing} of {found.voting} templates at pixels of {found.pixel_size:.3g} m agree that "
        f"SAR lies {right:.1f} working pixels right of the optical image and {down:.1f} below it in the middle of the "
        f"overlap, turned by {found.rotation():.2f}° clockwise and {100 * (found.scale() - 1):+.2f} % in scale."
    )
