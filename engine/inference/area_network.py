"""A network over a whole area at once, or strip by strip where the GPU's memory is too small for that."""

import sys
from dataclasses import dataclass, replace

import torch
from torch import nn

from ..compute.device import halve_on_out_of_memory
from ..reporting import Reporter


@dataclass(frozen=True)
class _Strips:
    """The strips `start`..`stop` of an image [1, 1, H, W]; sliced into fewer of them."""

    image: torch.Tensor
    start: int
    stop: int

    def __len__(self):
        return self.stop - self.start

    def __getitem__(self, part):
        first, last, _ = part.indices(len(self))
        return replace(self, start=self.start + first, stop=self.start + last)


class AreaNetwork:
    """A network from an image to a map, such as features, on a device: image [1, 1, H, W] -> map [1, C, h, w].

    A strip is `height` rows of the image, the next one begins `step` rows further down; each gives the same number of
    rows of the map. These depend on `halo` more rows above and below; what lies further away must not matter. H must be
    `height` and a multiple of `step`, `halo` a multiple of `step`. One instance serves a whole run: how many strips fit
    is remembered. Raises UserError when not even one does.
    """

    def __init__(self, network: nn.Module, device: torch.device, reporter: Reporter, step: int, height: int, halo: int):
        # Goodness networks take a third less time so, and give the same numbers.
        self._network = network.to(device, memory_format=torch.channels_last)
        self._step, self._height, self._halo = step, height, halo
        self._in_batches = halve_on_out_of_memory(self._map, sys.maxsize, reporter, "strip")

    def __call__(self, image: torch.Tensor) -> torch.Tensor:
        strips = _Strips(image.contiguous(memory_format=torch.channels_last), 0, self._count(image.shape[2]))
        maps = self._in_batches(strips)
        return torch.cat(maps, 2) if len(maps) > 1 else maps[0]  # no copy where everything fits

    def _count(self, rows):
        return (rows - self._height) // self._step + 1

    def _map(self, strips):
        first = self._step * strips.start
        top = max(0, first - self._halo)
        bottom = min(strips.image.shape[2], self._step * (strips.stop - 1) + self._height + self._halo)
        whole = self._network(strips.image[:, :, top:bottom])
        rows = whole.shape[2] // self._count(bottom - top)
        above = (first - top) // self._step
        return whole[:, :, rows * above : rows * (above + len(strips))]
