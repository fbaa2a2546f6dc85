"""The task `despeckle`: a SAR raster of any size in, the same without speckle out, on the same pixels."""

from typing import Any, NamedTuple, Optional

import numpy as np

from ...contract.despeckling_jobs import DESPECKLERS, DespeckleJob
from ...contract.errors import UserError
from ...contract.finished_file import finished_files
from ...models.card import Card
from ...models.model_file import load_model
from ..compute.device import choose_device
from ..geometry.surface_model import part_of
from ..inference.chosen_tiles import TileWish, chosen_batch, chosen_tiles
from ..inference.pixel_size import PixelLimits, check_pixel_size
from ..inference.raster_network import map_rasters
from ..inference.sar_scene import SarTaker
from ..inference.tiling import exact_tiles
from ..rasters.carried_place import carried_place
from ..rasters.grid import Grid, part
from ..rasters.own_pixels import OwnPixelsReader, own_grid
from ..reporting import Reporter
from .band_despeckler import AtLevel, BandDespeckler, Filtered, contrast
from .before_and_after import Looks, looks_before_and_after
from .centred_reader import CentredReader
from .classical import CLASSICAL
from .despeckled_files import RENDERING, DespeckledFiles
from .filters.lee_sigma import BRIGHT_SHARE
from .methods import NETWORK, Method, check_network, method_of
from .speckled_scene import Band, SpeckledScene, speckled_scene
from .survey import Survey, told_survey

_SAMPLED, _DESPECKLED = 0.05, 0.95
"""How far a run is; the report comes last."""

_PIXELS = PixelLimits(warned=1.5, can_resample=False)
"""More than resolutions of one mode vary with the incidence."""

_FILTER_CORE = 1024
"""Pixels a side that classical filters work on at once, without what lies around."""


class Chosen(NamedTuple):
    """What a band is despeckled with: `name` in sentences, and `card` of a model, of which `tiles` are told.

    channels: 2 for real and imaginary part, 1 for power. reach: pixels that results depend on beyond the tiles' halo.
    """

    name: str
    card: Optional[Card]
    tiles: dict[str, int]
    channels: int
    reach: int
    despeckler: BandDespeckler

    @property
    def is_network_of_power(self) -> bool:
        """Whether a network sees power alone, of complex images too."""
        return self.card is not None and self.channels == 1


def run(job: DespeckleJob, reporter: Reporter) -> dict[str, Any]:
    """Write the outputs of a `DespeckleJob`; return {"numbers": the declared ones, None where not defined}.

    Raises `UserError` for what the user can put right.
    """
    device = choose_device(job.device, reporter)
    card, network = _model(job)
    whole = own_grid(job.sar)
    window = part_of(whole, job.extent, job.sar.name)
    grid = part(whole, window) if job.extent else whole
    scene = speckled_scene(job.sar, job.sar_unit, whole, reporter, window)
    chosen = _chosen(job, scene, card, network)
    found = told_survey(scene.source, grid, reporter) if chosen.channels == 2 else None  # of what has phases
    taker = card and SarTaker(card, any_bands=True, doubt="speckle may stay, or detail go with it")
    of_pixels = check_pixel_size(job.sar.name, grid, taker, _PIXELS, reporter) if taker else ""
    of_phase = _unused_phase(chosen, scene, reporter)
    doubts = [*(found.doubts(job.sar.name) if found else ()), *filter(None, [of_pixels, of_phase])]
    _tell_speckle(scene, chosen, reporter)
    reporter.progress(_SAMPLED)
    unit = RENDERING if scene.unit == RENDERING else job.output_unit
    wanted = {"clean": job.output, "ratio": job.ratio, "report": job.report}
    wanted = {name: path for name, path in wanted.items() if path}
    tiling, blend = chosen_tiles(TileWish(job.tile), chosen.tiles, True, window, chosen.reach)
    place = carried_place(job.sar, window)
    with finished_files(wanted.values()) as paths:
        new = dict(zip(wanted, paths))
        files = DespeckledFiles(new["clean"], new.get("ratio", ""), grid, place, unit, scene)
        with _reader(scene, grid, found, chosen) as reader, files:
            map_rasters(
                chosen.despeckler,
                [reader],
                tiling,
                blend,
                files,
                device,
                chosen_batch(job.batch_size, device),
                reporter.part(_SAMPLED, _DESPECKLED),
            )
        if not files.valid:
            raise UserError(
                f"What is asked for of layer '{job.sar.name}' holds only no data: choose another extent or layer, or "
                "correct the no-data value."
            )
        looks = looks_before_and_after(scene, grid, new["clean"], unit)
        numbers = _numbers(scene, files, looks, found)
        _tell(numbers, job.sar.name, reporter)
        if job.report:
            from .despeckling_report import Despeckling, write_despeckling_report  # matplotlib is slow to load

            done = Despeckling(scene, grid, chosen.name, card, looks, files.ratios, found, doubts, unit, str(device))
            write_despeckling_report(new, job, done)
    return {"numbers": numbers}


def _model(job: DespeckleJob):
    """Return (card, network) of the job's model file, or (None, None) where it asks for a filter."""
    if job.method != "model":
        return None, None
    card, networks = load_model(job.model, NETWORK)
    method_of(card)
    check_network(card, networks[NETWORK])
    return card, networks[NETWORK]


def _chosen(job: DespeckleJob, scene: SpeckledScene, card: Optional[Card], network) -> Chosen:
    if card is None:
        filters = [CLASSICAL[job.method](band.looks, _bright(band)) for band in scene.bands]
        tiles = exact_tiles(_FILTER_CORE, max(each.reach for each in filters), 1)
        despeckler = BandDespeckler([Filtered(*each) for each in zip(filters, scene.bands)], 1)
        return Chosen(DESPECKLERS[job.method], None, tiles, 1, 0, despeckler)
    method = method_of(card)
    _check_phase(card, method, scene)
    bands = [AtLevel(network, band, method.channels) for band in scene.bands]
    despeckler = BandDespeckler(bands, method.channels)
    return Chosen(f"model '{card.name}'", card, card.tiling, method.channels, AtLevel.REACH, despeckler)


def _check_phase(card: Card, method: Method, scene: SpeckledScene) -> None:
    if method.is_complex and not scene.is_complex:
        raise UserError(
            f"The model '{card.name}' compares real and imaginary part of complex images, and layer "
            f"'{scene.source.name}' holds no phase: choose a model for detected images, such as BridgeClear, or a "
            "filter."
        )


def _unused_phase(chosen: Chosen, scene: SpeckledScene, reporter: Reporter) -> str:
    """Return what is told of a model that sees the power of a complex image alone, "" where none does."""
    if not (chosen.is_network_of_power and scene.is_complex):
        return ""
    doubt = (
        f"Layer '{scene.source.name}' is complex, and the {chosen.name} sees its power alone: a MERLIN model for such "
        "a sensor, which compares real and imaginary part, keeps more of what is on the ground."
    )
    reporter.warning(doubt)
    return doubt


def _bright(band: Band) -> float:
    """Return the power that the image's pixels stay below, but for few."""
    return float(np.quantile(band.samples[np.isfinite(band.samples)], BRIGHT_SHARE))


def _reader(scene: SpeckledScene, grid: Grid, found: Optional[Survey], chosen: Chosen) -> OwnPixelsReader:
    return CentredReader(scene.source, grid, found.centring) if found else scene.power_reader(grid)


def _tell_speckle(scene: SpeckledScene, chosen: Chosen, reporter: Reporter) -> None:
    for number, band in zip(scene.source.bands, scene.bands):
        if band.speckle is None:
            reporter.info(f"Too little of band {number} of layer '{scene.source.name}' is known to count its looks.")
            continue
        cols, rows = band.speckle.correlation_cols, band.speckle.correlation_rows
        reporter.info(
            f"Band {number} of layer '{scene.source.name}' has about {band.speckle.looks:.1f} looks; intensities of "
            f"neighbours are correlated by {cols:.2f} along the rows and {rows:.2f} along the columns."
        )
        raised = f"{contrast(band):.1f}"
        if chosen.is_network_of_power and raised != "1.0":
            reporter.info(
                f"Its speckle is weaker than what the {chosen.name} knows best: band {number} is shown to it with its "
                f"contrast (decibels) raised by a factor of {raised}, which is taken back afterwards."
            )


def _numbers(
    scene: SpeckledScene, files: DespeckledFiles, looks: Optional[Looks], found: Optional[Survey]
) -> dict[str, Optional[float]]:
    ratio, speckle = files.ratios[0], scene.bands[0].speckle
    found = found if found and found.before.blocks else None  # too few known pixels to tell
    return {
        "VALID_PIXELS": files.valid,
        "LOOKS": speckle and speckle.looks,
        "ENL_BEFORE": looks and looks.before,
        "ENL_AFTER": looks and looks.after,
        "RATIO_MEAN": ratio and ratio.mean,
        "RATIO_VARIANCE": ratio and ratio.variance,
        "CORRELATION_BEFORE": found and found.before.known_correlation,
        "CORRELATION_AFTER": found and found.after.known_correlation,
    }


def _tell(numbers: dict[str, Optional[float]], name: str, reporter: Reporter) -> None:
    if numbers["ENL_AFTER"] is not None:
        reporter.info(
            f"Homogeneous ground of layer '{name}' had {numbers['ENL_BEFORE']:.1f} equivalent looks and has "
            f"{numbers['ENL_AFTER']:.1f} now."
        )
    if numbers["RATIO_MEAN"] is not None:
        reporter.info(
            f"What was taken off has the mean {numbers['RATIO_MEAN']:.3f} (1 is without bias) and the variance "
            f"{numbers['RATIO_VARIANCE']:.2f}."
        )
