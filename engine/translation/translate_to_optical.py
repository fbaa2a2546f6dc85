"""The task `translate_to_optical`: a SAR raster of any size and a model in, the optical image of the place out."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, Optional

from ...contract.errors import UserError
from ...contract.finished_file import finished_files, scratch_folder
from ...contract.geometry_jobs import SarDistortionsJob
from ...contract.translation_jobs import TranslateToOpticalJob
from ...models.card import Card
from ...models.model_file import load_model
from ..compute.device import choose_device
from ..geometry.surface_model import layer_grid, part_of
from ..inference.blending import Seams, raised_cosine
from ..inference.chosen_tiles import Levels, TileWish, chosen_batch, chosen_tiles, doubt_of_seams
from ..inference.pixel_size import PixelLimits, check_pixel_size
from ..inference.raster_network import map_rasters
from ..inference.sar_scene import SarScene, SarTaker, sar_scene
from ..rasters.footprint import footprint_of, overlap_of
from ..rasters.grid import Grid, part
from ..rasters.mirrored_reader import MirroredReader
from ..reporting import Reporter
from ..training.aligned_scene import SceneHeights
from .enhancement import enhancement
from .methods import NETWORK, Method, check_network, method_of
from .scene_heights import scene_heights
from .scene_translator import SceneTranslator
from .translated_files import TranslatedFiles, add_overviews
from .zone_mask import write_zones

_SAMPLED, _ZONED, _TRANSLATED = 0.03, 0.1, 0.97
"""How far a run is; the report comes last."""

_COLOURS = Levels("colours", 255, "of 255 levels")

_LIMITS = PixelLimits(warned=1.5)
"""Pixels so many times larger or smaller than any of the training set show other things."""

_ZONE_SHARES = ("FORESHORTENING_SHARE", "LAYOVER_SHARE", "SHADOW_SHARE", "UNDISTORTED_SHARE")


def run(job: TranslateToOpticalJob, reporter: Reporter) -> dict[str, Any]:
    """Write the outputs of a `TranslateToOpticalJob`; return {"numbers": the declared ones, None where not defined}.

    The image lies on the lattice of the SAR raster; so does the raster of expected errors. The zones lie on that of the
    elevation layer. Raises `UserError` for what the user can put right.
    """
    device = choose_device(job.device, reporter)
    card, networks = load_model(job.model, "translate")
    method = method_of(card)
    check_network(card, networks[NETWORK])
    _check_outputs(job, card, method)
    whole = layer_grid(job.sar)
    window = part_of(whole, job.extent, job.sar.name)
    grid = part(whole, window)
    taker = SarTaker(card, method.one_by_one, "the colours can be wrong")
    check_pixel_size(job.sar.name, grid, taker, _LIMITS, reporter)
    scene = sar_scene(job.sar, job.polarisations, job.sar_unit, taker, whole, reporter, window)
    if job.dem:
        overlap_of(footprint_of(job.sar), footprint_of(job.dem))
    reporter.progress(_SAMPLED)
    wanted = {"image": job.output, "uncertainty": job.uncertainty, "zones": job.zones, "report": job.report}
    wanted = {name: path for name, path in wanted.items() if path}
    with finished_files(wanted.values()) as paths:
        new = dict(zip(wanted, paths))
        shares = _zones(job, grid, new.get("zones"), reporter.part(_SAMPLED, _ZONED)) if job.view else {}
        heights = None
        if "dem" in card.inputs:  # of which the zones may have judged already
            # By the largest one of the layer, as in training, where that is what heights are shown by.
            seen = whole if method.full_height is None else grid
            heights = scene_heights(job.dem, seen, reporter, job.view is not None)
        sharpened = enhancement(job.enhance)
        translator = SceneTranslator(
            networks[NETWORK],
            method,
            scene.scales,
            scene.polarisations,
            heights.highest if heights else 1.0,
            sharpened,
        )
        wish, more = TileWish(job.tile, job.overlap), sharpened.reach if sharpened else 0
        tiling, blend = chosen_tiles(wish, card.tiling, method.is_local, window, more)
        bands = card.outputs["optical"]["bands"]
        seams = Seams(bands) if blend is raised_cosine and tiling.count(grid) > 1 else None
        files = TranslatedFiles(new["image"], new.get("uncertainty", ""), grid, bands, method.gives_scale)
        with _readers(scene, heights, grid) as readers, files:
            map_rasters(
                translator,
                readers,
                tiling,
                partial(raised_cosine, seams=seams) if seams else blend,
                files,
                device,
                chosen_batch(job.batch_size, device),
                reporter.part(_ZONED, _TRANSLATED),
            )
        if not files.valid:
            raise _nothing_known(job, heights)
        if job.overviews:
            add_overviews(new["image"])
        error = files.mean_error
        numbers = {"VALID_PIXELS": files.valid, "MEAN_UNCERTAINTY": error, **dict.fromkeys(_ZONE_SHARES), **shares}
        _tell(numbers, grid, reporter)
        doubt = doubt_of_seams(seams, tiling, card.name, _COLOURS) if seams else ""
        if doubt:
            reporter.warning(doubt)
        if job.report:
            from .translation_report import write_translation_report  # matplotlib is slow to load

            write_translation_report(new, job, card, grid, scene, numbers, doubt, str(device))
    return {"numbers": numbers}


def _check_outputs(job: TranslateToOpticalJob, card: Card, method: Method) -> None:
    if job.uncertainty and not method.gives_scale:
        raise UserError(
            f"The model '{card.name}' does not tell how far its colours are off: choose another model, or leave the "
            "raster of the uncertainty out."
        )
    if "dem" in card.inputs and job.dem is None:
        raise UserError(
            f"The model '{card.name}' needs heights: choose an elevation layer, or a model that goes without."
        )
    if job.dem and "dem" not in card.inputs and job.view is None:
        raise UserError(
            f"The model '{card.name}' takes no heights, so that layer '{job.dem.name}' would not be used: leave it "
            "out, or give the flight direction of the radar as well for the distortion zones."
        )


def _nothing_known(job: TranslateToOpticalJob, heights: Optional[SceneHeights]) -> UserError:
    lacks = f" has no heights in layer '{heights.source.name}'" if heights else " holds only no data"
    return UserError(
        f"What is asked for of layer '{job.sar.name}'{lacks}: choose another extent or layer, or correct the no-data "
        "value."
    )


def _zones(job: TranslateToOpticalJob, grid: Grid, path: Optional[Path], reporter: Reporter) -> dict[str, float]:
    """Return the shares of the distortion zones under the image, in percent, and write them where there is a path."""
    with nullcontext(path.parent) if path else scratch_folder(job.output) as folder:
        output = str(path or folder / "zones.tif")
        shares = write_zones(SarDistortionsJob(job.dem, job.view, output, device=job.device), grid, reporter)
    return {name: shares[name] for name in _ZONE_SHARES}


@contextmanager
def _readers(scene: SarScene, heights: Optional[SceneHeights], grid: Grid) -> Iterator[list[MirroredReader]]:
    with ExitStack() as stack:
        readers = [MirroredReader(scene.source, grid, scene.radiometry)]
        if heights:
            readers.append(MirroredReader(heights.source, grid))
        yield [stack.enter_context(reader) for reader in readers]


def _tell(numbers: dict[str, Any], grid: Grid, reporter: Reporter) -> None:
    error = numbers["MEAN_UNCERTAINTY"]
    off = f"; the colours are expected to be off by {100 * error:.1f} % of their range" if error is not None else ""
    share = numbers["VALID_PIXELS"] / (grid.width * grid.height)
    reporter.info(f"{numbers['VALID_PIXELS']:,} pixels are translated, {100 * share:.1f} % of the image{off}.")
