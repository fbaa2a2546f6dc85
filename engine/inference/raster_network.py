"""A network over whole rasters, tile by tile; memory depends on the tile and the batch, not on the rasters."""

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from typing import NamedTuple, Optional, Protocol

import numpy as np
import torch

from ..compute.device import halve_on_out_of_memory, reduced_precision
from ..compute.memory import HeldMemory
from ..compute.read_ahead import read_ahead
from ..compute.write_behind import write_behind
from ..rasters.grid import Window
from ..rasters.map_file import MapWriter
from ..reporting import Reporter
from .blending import Blend
from .mirroring import REACH, mirrored
from .tiling import Tiling


class BandReader(Protocol):
    """What reads an input of a network, such as an open `GridReader` or `ComplexReader`."""

    @property
    def extent(self) -> Window:
        """A `Window` beyond which nothing is valid."""

    def read_bands(self, window: Window) -> tuple[np.ndarray, np.ndarray]:
        """Return (values float32 [C, h, w], valid bool [h, w]) of a `Window`, which may reach beyond the raster."""


class _Tile(NamedTuple):
    """A tile as it was read: the inputs, one [C, side, side] per reader, or None where no pixel is valid."""

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
    what lies beyond the rasters. keep_mirrored: what it makes of that is kept, in all tiles that hold something valid,
    for those who resample the result onto pixels that are valid beside others that are not.

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
    read = partial(_read, readers, REACH * tiling.halo)
    run = halve_on_out_of_memory(partial(_run, network, writer.count, device), batch, reporter, "tile")
    put = partial(_write, writer)
    with reduced_precision(device), closing(read_ahead(read, batches)) as tiles, write_behind(put, batch) as write:
        results = _results(run, tiles, count, writer.count, keep_mirrored, reporter)
        for values, window in blend(results, tiling, writer.grid):
            write(values, window)
    reporter.progress(1)


def _read(readers, around, windows):
    return [_read_tile(readers, around, window) for window in windows]


def _read_tile(readers, around, window):
    values, valid = zip(*(reader.read_bands(window) for reader in readers))
    in_all = np.logical_and.reduce(valid)
    if not in_all.any():
        return _Tile(window, in_all, None)
    inputs = [
        channels if known.all() else _without_gaps(reader, around, window, channels, known)
        for reader, channels, known in zip(readers, values, valid)
    ]
    return _Tile(window, in_all, tuple(map(torch.from_numpy, inputs)))


def _without_gaps(reader, around, window, values, known):
    """Return values of a window without gaps; what is mirrored into them may come from outside of it."""
    in_image = window.overlap(reader.extent)
    if known.sum() == in_image.width * in_image.height:
        return mirrored(values, known)  # only what lies beyond the image is missing, and halos hold its mirror image
    wide = Window(window.col - around, window.row - around, window.width + 2 * around, window.height + 2 * around)
    values = mirrored(*reader.read_bands(wide))
    return values[:, around : around + window.height, around : around + window.width]


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
