"""A network over whole rasters, tile by tile; memory depends on the tile and the batch, not on the rasters."""

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import NamedTuple, Optional

import numpy as np
import torch

from ..compute.device import halve_on_out_of_memory, reduced_precision
from ..compute.memory import HeldMemory
from ..compute.read_ahead import read_ahead
from ..compute.write_behind import write_behind
from ..rasters.grid import Window
from ..rasters.map_file import MapWriter
from ..reporting import Reporter
from .blending import Blend, core
from .tile_reader import BandReader, TileReader
from .tiling import Tiling

KEPT = 8
"""Pixels around what is valid that are kept of what is mirrored: more than resampling by a factor of 3 looks at."""


class _Tile(NamedTuple):
    """A tile as it was read: the inputs, one [C, side, side] per reader, or None where its result does not count."""

    window: Window
    valid: np.ndarray
    inputs: Optional[tuple[torch.Tensor, ...]]


@torch.inference_mode()
def map_rasters(
    network: torch.nn.Module,
    readers: Sequence[BandReader],
    tiling: Tiling,
    blend: Blend,
    writer: MapWriter,
    device: torch.device,
    batch: int,
    reporter: Reporter,
    keep_mirrored: bool = False,
) -> None:
    """Run a network over the rasters of open `readers`, all on the open `writer`'s grid, and write what it gives.

    network(*inputs) gets one tensor [N, C, side, side] per reader, in their order, and returns [N, bands of the writer,
    side, side]: results at the resolution of the inputs. It runs in the precision that is fast on the device
    (`reduced_precision`, of 8 significant bits at worst): where results need more, its last layers switch that off.
    blend: of `blending`: `core` where the tiles' halo covers the receptive field, else `raised_cosine`. batch: tiles at
    once, fewer where the GPU's memory is too small for them.

    What is not valid in one input is no data in the result; the network sees it mirrored (`mirroring`). So does it see
    what lies beyond the rasters, which the readers mirror. keep_mirrored: what it makes of that is kept, in all tiles
    that hold something valid or have it beside their cores, for those who resample the result onto pixels that are
    valid beside others that are not.

    For an integer type results are rounded, and clipped to its range; those that equal the writer's no-data value, and
    NaN, become no data too.

    One thread reads the next batch and another writes the one before while the network runs. Raises ValueError for a
    writer without a no-data value and a network that returns another shape, UserError where not a single tile fits the
    GPU's memory, and whatever reading and writing raise.
    """
    if writer.nodata is None:
        raise ValueError("A raster from a network needs a no-data value.")
    network = network.to(device, memory_format=torch.channels_last).eval()
    windows = tiling.windows(writer.grid)
    batches = iter(lambda: list(islice(windows, batch)), [])
    count = math.ceil(tiling.count(writer.grid) / batch)
    read = partial(_read, [TileReader(reader, tiling) for reader in readers], _counting(tiling, blend))
    run = halve_on_out_of_memory(partial(_run, network, writer.count, device), batch, reporter, "tile")
    put = partial(_write, writer)
    with reduced_precision(device), closing(read_ahead(read, batches)) as tiles, write_behind(put, batch) as write:
        results = _results(run, tiles, count, writer.count, keep_mirrored, reporter)
        for values, window in blend(results, tiling, writer.grid):
            write(values, window)
    reporter.progress(1)


def _counting(tiling, blend):
    """Return the part of a tile, along rows and columns, in which something must be valid for its result to count."""
    spared = max(tiling.halo - KEPT, 0) if blend is core else 0
    return slice(spared, tiling.side - spared)


def _read(readers, counting, windows):
    return [_read_tile(readers, counting, window) for window in windows]


def _read_tile(readers, counting, window):
    values, valid = zip(*(reader.read(window) for reader in readers))
    in_all = np.logical_and.reduce(valid)
    if not in_all[counting, counting].any():
        return _Tile(window, in_all, None)
    inputs = [reader.without_gaps(window, channels) for reader, channels in zip(readers, values)]
    return _Tile(window, in_all, tuple(map(torch.from_numpy, inputs)))


def _results(run, batches, count, bands, keep_mirrored, reporter) -> Iterator[tuple[Window, np.ndarray]]:
    """Yield (window, results [bands, side, side], NaN where there is none) of all tiles of so many batches."""
    memory = HeldMemory()
    for done, tiles in enumerate(batches):
        reporter.progress(done / count)
        inputs = [tile.inputs for tile in tiles if tile.inputs is not None]
        results = iter([result for results in run(inputs) for result in results.numpy()])
        for window, valid, tile_inputs in tiles:
            if tile_inputs is None:
                yield window, np.full((bands, *valid.shape), np.nan, np.float32)
            else:
                result = next(results)
                yield window, result if keep_mirrored or valid.all() else np.where(valid, result, np.float32(np.nan))
        memory.end_round()


def _run(network, bands, device, inputs):
    """Return the network's results, float32 [N, bands, side, side] on the CPU, for [N] tuples of inputs."""
    tensors = [torch.stack(each).to(device, memory_format=torch.channels_last) for each in zip(*inputs)]
    results = network(*tensors)
    expected = len(inputs), bands, *tensors[0].shape[-2:]
    if results.shape != expected:
        raise ValueError(f"The network turned {tuple(tensors[0].shape)} into {tuple(results.shape)}, not {expected}.")
    return results.float().cpu()


def _write(writer, values, window):
    if math.isnan(writer.nodata):  # no data is NaN here, too
        writer.write(values.astype(writer.dtype, copy=False), window)
        return
    written = np.full(values.shape, writer.nodata, writer.dtype)
    known = ~np.isnan(values)
    if np.issubdtype(writer.dtype, np.integer):
        limits = np.iinfo(writer.dtype)
        values = np.rint(values, dtype=np.float64).clip(limits.min, limits.max)  # float32 lacks the limits of 32 bits
    np.copyto(written, values, casting="unsafe", where=known)
    writer.write(written, window)
