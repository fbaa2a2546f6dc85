"""Which tiles of a scene a translator sees, and how they become one image."""

from collections.abc import Mapping

from ...contract.errors import UserError
from ...contract.translation_jobs import TranslateToOpticalJob
from ..inference.blending import Blend, Seams, core, raised_cosine
from ..inference.tiling import Tiling
from ..rasters.grid import Window
from .methods import Method


def tiles(
    job: TranslateToOpticalJob, on_card: Mapping[str, int], method: Method, window: Window, more: int
) -> tuple[Tiling, Blend]:
    """Return the tiles that a job asks for, or else the card, and how they are blended.

    on_card: side, halo and step. window: the part of the layer that is translated; steps are counted from the corner of
    the layer, so that parts fit together. Where the halo covers all that a pixel depends on, `more` pixels for what is
    done afterwards included, tiles are cut at their cores, which are no larger than the window. Raises `UserError` for
    tiles that are all overlap.
    """
    side, halo, step = on_card["side"], on_card["halo"], on_card["step"]
    phase = window.col % step, window.row % step
    if not method.is_local:
        side *= max(1, job.tile // side)
        halo = min(halo if job.overlap < 0 else job.overlap, side // 4) // step * step
        return Tiling(side, halo, step, phase), raised_cosine
    is_exact = job.overlap < 0 or job.overlap >= halo
    core_side = side - 2 * halo
    halo = _whole_steps(halo if job.overlap < 0 else job.overlap, step)
    if is_exact:
        halo += _whole_steps(more, step)
    least = step if is_exact else max(step, 2 * halo)
    if job.tile:
        core_side = job.tile // step * step - 2 * halo
        if core_side < least:
            raise UserError(
                f"Tiles of {job.tile} pixels that overlap by {halo} on each side are mostly overlap: choose tiles of "
                f"{2 * halo + least} pixels or more, or a smaller overlap."
            )
    longest = max(window.width + phase[0], window.height + phase[1])
    core_side = max(min(core_side, _whole_steps(longest, step)), least)
    return Tiling(core_side + 2 * halo, halo, step, phase), core if is_exact else raised_cosine


def doubt_of_seams(seams: Seams, tiling: Tiling, model: str) -> str:
    """Return what is to be told of the seams of blended tiles, "" where nothing is known of them."""
    if not tiling.halo:
        return (
            f"Tiles of the model '{model}' do not hold all that colours depend on, and nothing of them overlaps: seams "
            "show where they meet. Choose an overlap, or leave it empty for that of the model's card."
        )
    if seams.mean is None:
        return ""
    mean, largest = (255 * each for each in (seams.mean, seams.largest))
    return (
        f"Tiles of the model '{model}' do not hold all that colours depend on: where they overlap, the colours of the "
        f"same pixel differ by {mean:.1f} of 255 levels on average, {largest:.0f} at most. Seams are blended, not "
        "avoided; larger tiles have fewer of them."
    )


def _whole_steps(pixels, step):
    """Return the smallest multiple of the step that is not below a number of pixels."""
    return -(-pixels // step) * step
