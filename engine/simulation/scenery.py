"""What is random about how a scene looks, and the same in whichever block of the scene it is asked for."""

import math
import zlib
from dataclasses import dataclass

import torch

from .noise import SPLINE_DEVIATION, spline_weights


@dataclass(frozen=True)
class Scenery:
    """Random numbers of the whole scene, of its places and of the things in it, all from one `seed`.

    corner: (col, row) of the surface's first cell in the scene. A block of the scene finds the same numbers at the same
    places as its neighbours do. `name` tells draws from one another.
    """

    seed: int
    corner: tuple[int, int] = (0, 0)

    @classmethod
    def drawn(cls, generator: torch.Generator) -> "Scenery":
        """Return a `Scenery` whose seed comes from a `torch.Generator`."""
        return cls(int(torch.randint(2**62, (), generator=generator, device=generator.device)))

    def generator(self, name: str, device: torch.device) -> torch.Generator:
        """Return a `torch.Generator` for draws whose number does not depend on the block."""
        return torch.Generator(device).manual_seed(self._seed(name) & (2**62 - 1))

    def smooth_noise(
        self, name: str, shape: tuple[int, int], pixel_size: float, wavelength: float, device: torch.device
    ) -> torch.Tensor:
        """Return [H, W] of unit variance and zero mean whose bumps are about `wavelength` metres apart."""
        step = pixel_size / wavelength
        weights, indices = [], []
        for first, size in zip(self.corner[::-1], shape):
            node = math.floor(first * step) - 1
            count = math.ceil(size * step) + 4
            weights.append(spline_weights(count, size, step, first * step - node, device))
            indices.append(torch.arange(node, node + count, device=device))
        down, across = weights
        return down @ self._normal(name, *indices) @ across.T / SPLINE_DEVIATION

    def white_noise(self, name: str, shape: tuple[int, int], device: torch.device) -> torch.Tensor:
        """Return [H, W] of unit variance and zero mean, independent from cell to cell."""
        return self._normal(name, *(torch.arange(size, device=device) + a for a, size in zip(self.corner[::-1], shape)))

    def normal_each(self, name: str, keys: torch.Tensor) -> torch.Tensor:
        """Return a number of unit variance and zero mean for each thing, in the shape of its `keys` (int64)."""
        return _normal(_mixed(keys + self._seed(name)))

    def uniform_each(self, name: str, keys: torch.Tensor) -> torch.Tensor:
        """Return a number from 0 to 1 for each thing, in the shape of its `keys` (int64)."""
        return _uniform(_mixed(keys + self._seed(name)), 40)

    def _normal(self, name, rows, cols):
        return _normal(_mixed(_mixed(rows + self._seed(name))[:, None] + cols))

    def _seed(self, name):
        return _signed((self.seed + zlib.crc32(name.encode()) * 0x9E3779B97F4A7C15) % 2**64)


def _signed(number):
    return number - 2**64 if number >= 2**63 else number


def _mixed(bits):
    """The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a random function of 64 bits, int64 of any shape."""
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        bits = (bits ^ ((bits >> shift) & (2 ** (64 - shift) - 1))) * _signed(factor)
    return bits ^ ((bits >> 31) & (2**33 - 1))


def _uniform(bits, first):
    """24 of the bits as a number between 0 and 1, neither of them included."""
    return (((bits >> first) & 0xFFFFFF).float() + 0.5) / 2**24


def _normal(bits):
    """Box and Muller's way from two uniform numbers to a normal one."""
    return (-2 * _uniform(bits, 40).log()).sqrt() * (2 * math.pi * _uniform(bits, 16)).cos()
