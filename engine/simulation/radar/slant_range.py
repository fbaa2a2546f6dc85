"""The grid of a radar image over a map: which line and which slant-range bin a place falls into."""

import math
from dataclasses import dataclass

import torch

from ...geometry.grid_positions import between
from ...geometry.range_lines import spread
from ..line_of_sight import Lines


@dataclass(frozen=True)
class RadarGrid:
    """Pixels [A, R] of a radar image: A lines along the flight, R slant-range bins away from the sensor.

    lines: the `Lines` over the map, along the look azimuth. pixel_size: of the map, metres. incidence: radians, one for
    all: wavefronts are planes, lines are parallel. line_spacing, bin_size: metres along the flight and in slant range.
    near: slant range where the first bin begins, metres beyond the level of height 0 at the begin of each line.
    """

    lines: Lines
    pixel_size: float
    incidence: float
    line_spacing: float
    bin_size: float
    near: float
    shape: tuple[int, int]

    @classmethod
    def over(
        cls,
        height: torch.Tensor,
        lines: Lines,
        pixel_size: float,
        incidence: float,
        line_spacing: float,
        bin_size: float,
    ) -> "RadarGrid":
        """Return the grid that holds every place of heights [L, N] on `lines`."""
        grid = cls(lines, pixel_size, incidence, line_spacing, bin_size, 0.0, ())
        border = torch.arange(height.shape[1], device=height.device)
        near = float(grid.slant_range(border, height).min())
        bins = math.ceil((float(grid.slant_range(border + 1, height).max()) - near) / bin_size)
        count = max(round(len(height) * pixel_size / line_spacing), 1)
        return cls(lines, pixel_size, incidence, line_spacing, bin_size, near, (count, bins))

    def slant_range(self, sample: torch.Tensor, height: torch.Tensor) -> torch.Tensor:
        """Return slant ranges in metres of places `sample` on a line (corner origin) at a `height` in metres."""
        return math.sin(self.incidence) * self.pixel_size * sample - math.cos(self.incidence) * height - self.near

    def positions(self, height: torch.Tensor) -> torch.Tensor:
        """Return line and bin, float32 [2, H, W], corner origin, at which the map's cells at heights [H, W] appear."""
        line, sample = self.lines.positions
        return torch.stack(
            (line * (self.pixel_size / self.line_spacing), self.slant_range(sample, height) / self.bin_size)
        )

    def to_map(self, image: torch.Tensor, height: torch.Tensor) -> torch.Tensor:
        """Return an image [C, A, R] sampled bilinearly where the map's cells appear at heights [H, W]: [C, H, W].

        With the height of the ground this is what terrain correction does, layover included: each cell on a slope that
        is laid over shows the same echoes. With a level height it is a product projected onto the ellipsoid, on which
        relief displaces.
        """
        line, bin_ = self.positions(height)
        return between(image, bin_, line)

    def project(self, start: torch.Tensor, end: torch.Tensor, area: torch.Tensor) -> torch.Tensor:
        """Return sigma nought [C, A, R]: radar cross-sections summed over each pixel, over its area on level ground.

        start, end: slant ranges [L, S] (metres, as `slant_range` gives them) between which each of S pieces spreads its
        cross-section `area` (m², [C, L, S]) evenly; every line is `pixel_size` wide.
        """
        channels, count, _ = area.shape
        summed = spread(
            start.repeat(channels, 1), end.repeat(channels, 1), area.flatten(0, 1), self.shape[1], self.bin_size
        )
        pixel_area = self.line_spacing * self.bin_size / math.sin(self.incidence)
        return self._across_lines(summed.unflatten(0, (channels, count))) / pixel_area

    def _across_lines(self, summed):
        """Return what lies on the map's lines, [C, L, R], shared out by overlap to the image's, [C, A, R]."""
        begin = torch.arange(self.shape[0], device=summed.device) * self.line_spacing
        nearest = (begin / self.pixel_size).floor().long()
        image = 0.0
        for step in range(math.ceil(self.line_spacing / self.pixel_size) + 1):
            first = (nearest + step) * self.pixel_size
            shared = torch.minimum(first + self.pixel_size, begin + self.line_spacing) - torch.maximum(first, begin)
            weight = shared.clamp_min(0) / self.pixel_size * (nearest + step < summed.shape[1])
            image = image + weight[:, None] * summed[:, (nearest + step).clamp_max(summed.shape[1] - 1)]
        return image
