"""What matching begins with: the working grid, the networks of the model, both layers and the method."""

from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple, Optional

import torch

from ...contract.errors import UserError
from ...contract.matching_jobs import MatchTiePointsJob
from ..compute.device import choose_device
from ..rasters.grid import Grid
from ..rasters.grid_reader import GridReader
from ..rasters.radiometry import check_one_unit, check_unit, optical_radiometry, sar_radiometry
from ..rasters.raster_sample import RasterSample, sample_raster
from ..reporting import Reporter
from .block_matchers import Networks, load_networks
from .layer import Layer
from .matcher import Matcher
from .methods import Run, make_matcher
from .swapped_layers import warn_of_swapped
from .working_grid import working_grid

_NETWORKS_LOADED = 0.4
"""How far it is."""


class Prepared(NamedTuple):
    """`whole`, the working grid of the overlap; `grid`, the part of it in the job's extent; `networks` None without a
    model."""

    whole: Grid
    grid: Grid
    device: torch.device
    networks: Optional[Networks]
    sar: Layer
    optical: Layer
    matcher: Matcher


def prepared(job: MatchTiePointsJob, reporter: Reporter) -> Prepared:
    """Return what is `Prepared` for a job; raises `UserError` for what the user can put right."""
    whole = working_grid(job.sar, job.optical, job.pixel_size)
    grid = working_grid(job.sar, job.optical, job.pixel_size, job.extent, job.extent_crs) if job.extent else whole
    device = choose_device(job.device, reporter)
    networks = load_networks(job, device, reporter)
    reporter.progress(_NETWORKS_LOADED)
    sar_sample, optical_sample = _samples(job, grid, reporter)
    reporter.progress(1)
    sar_as, sentence = sar_radiometry(sar_sample, job.sar_unit)
    _check_bands(job, grid, sar_as.unit)
    reporter.info(sentence)
    sar, optical = Layer(job.sar, sar_as), Layer(job.optical, optical_radiometry(optical_sample))
    network, card = (networks.match, networks.card) if networks else (None, None)
    matcher = make_matcher(job.method, Run(device, reporter, sar_sample, sar_as, network, card))
    _check_size(whole, job, matcher)
    return Prepared(whole, grid, device, networks, sar, optical, matcher)


def _check_size(grid: Grid, job: MatchTiePointsJob, matcher: Matcher) -> None:
    template = matcher.template_side
    if min(grid.width, grid.height) < template:
        raise UserError(
            f"Layers '{job.sar.name}' and '{job.optical.name}' overlap by {grid.width} × {grid.height} working pixels "
            f"of {grid.pixel_size:.3g} m, less than one template of {template}: choose a smaller pixel size or a "
            "larger area."
        )


def _check_bands(job: MatchTiePointsJob, grid: Grid, unit: str) -> None:
    """Raise `UserError` where several SAR bands, of which the mean is matched, are of different units."""
    if len(job.sar.bands) == 1:
        return
    samples = []
    for band in job.sar.bands:
        with GridReader(replace(job.sar, bands=(band,)), grid) as reader, suppress(UserError):  # a band of one value
            samples.append(sample_raster(reader))
    if job.sar_unit == "auto":
        check_one_unit(job.sar, samples)
    for sample in samples:
        check_unit(sample, unit)


def _samples(job: MatchTiePointsJob, grid: Grid, reporter: Reporter) -> tuple[RasterSample, RasterSample]:
    """Return a `RasterSample` of each layer, (SAR, optical), and warn when they look swapped."""
    with GridReader(job.sar, grid) as sar, GridReader(job.optical, grid) as optical:
        for reader in (sar, optical):
            if reader.has_colour_table:
                raise UserError(
                    f"Layer '{reader.source.name}' has a colour table, so that its values are no brightness: turn it "
                    "into an RGB or a grey image first (Raster > Conversion > PCT to RGB)."
                )
        sar_sample, optical_sample = sample_raster(sar), sample_raster(optical)
    warn_of_swapped(job.sar, job.optical, (sar_sample, optical_sample), reporter)
    return sar_sample, optical_sample
