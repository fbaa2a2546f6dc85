"""All that a training learns from and is validated with: patches of one scene or of several, told apart by place."""

from collections.abc import Container, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import chain, combinations
from typing import Any, Callable, NamedTuple

from ...contract.errors import UserError
from ...contract.training_jobs import AlignedLayers
from ..rasters.grid import Window
from ..reporting import Reporter
from .aligned_scene import AlignedScene, overlap_window
from .checkpoint import checksum
from .patches import MOST_CHECKED, TRAINING, VALIDATION, spread
from .scene_patches import Patch, PatchImages, PatchReader, find_patches

SceneOf = Callable[[AlignedLayers, Reporter], AlignedScene]

_APART = 1.5
"""Pixels of one scene so many times as large as those of another show other things."""


class Place(NamedTuple):
    """A patch: the `window` of a scene's grid, and the reader that cuts it out."""

    reader: PatchReader
    window: Window

    @property
    def scene(self) -> AlignedScene:
        """The scene that it belongs to."""
        return self.reader.scene

    def images(self) -> PatchImages:
        """Read the patch."""
        return self.reader.read(self.window)[0]


@dataclass(frozen=True)
class Places:
    """Patches by scene, in the order of the job: each scene has blocks of its own for validation."""

    readers: tuple[PatchReader, ...]
    patches: tuple[tuple[Patch, ...], ...]

    @property
    def scenes(self) -> list[AlignedScene]:
        """The scenes, one at least."""
        return [reader.scene for reader in self.readers]

    @property
    def training(self) -> list[Place]:
        """All patches that are learnt from."""
        return list(chain.from_iterable(self.by_scene(TRAINING)))

    @property
    def validation(self) -> list[Place]:
        """All patches that are never learnt from."""
        return list(chain.from_iterable(self.by_scene(VALIDATION)))

    def spread(self, part: str, most: int) -> list[Place]:
        """Return about `most` patches of a part at most, evenly over each scene, and one of each scene that has any."""
        each = max(1, most // len(self.readers))
        return [place for places in self.by_scene(part) if places for place in spread(places, each)]

    def count(self, part: str) -> list[int]:
        """Return how many patches of each scene belong to a part."""
        return [len(places) for places in self.by_scene(part)]

    def in_common(self) -> dict[str, Any]:
        """Return what of its layers and patches a training that goes on must have in common with itself."""
        layers = [scene.layers for scene in self.scenes]
        return {
            "SAR layer": ", ".join(each.sar.name for each in layers),
            "SAR bands": "; ".join(_listed(each.sar.bands) for each in layers),
            "optical layer": ", ".join(each.optical.name for each in layers),
            "optical bands": "; ".join(_listed(each.optical.bands) for each in layers),
            "training patches": sum(self.count(TRAINING)),
            "validation patches": sum(self.count(VALIDATION)),
            "checksum of the patches' places": checksum([repr(self.patches).encode()]),
            "checksum of the patches' pixels": checksum(self._pixels()),
        }

    def _pixels(self) -> Iterator[bytes]:
        """Yield what some patches show: files may change and keep their names."""
        for place in self.spread(TRAINING, MOST_CHECKED):
            yield from (values.tobytes() for values in place.images() if values is not None)

    def only(self, chosen: Container[Place]) -> "Places":
        """Return the patches among the chosen ones."""
        kept = tuple(
            tuple(patch for patch in patches if Place(reader, patch.window) in chosen)
            for reader, patches in zip(self.readers, self.patches)
        )
        return Places(self.readers, kept)

    def by_scene(self, part: str) -> list[list[Place]]:
        """Return the patches of a part, scene by scene."""
        return [
            [Place(reader, patch.window) for patch in patches if patch.part == part]
            for reader, patches in zip(self.readers, self.patches)
        ]


@contextmanager
def learning_places(layers: Sequence[AlignedLayers], scene_of: SceneOf, reporter: Reporter) -> Iterator[Places]:
    """Yield the `Places` of layers, whose files are open meanwhile; scene_of: how a task takes those of one place.

    Raises `UserError` for what cannot be learnt from, and warns of what makes figures doubtful.
    """
    scenes = [scene_of(each, reporter) for each in layers]
    _warn_of_pixel_sizes(scenes, reporter)
    _warn_of_overlaps(scenes, reporter)
    count = len(scenes)
    patches = [
        tuple(find_patches(scene, reporter.part(number / count, (number + 1) / count)))
        for number, scene in enumerate(scenes)
    ]
    with ExitStack() as stack:
        yield Places(tuple(stack.enter_context(PatchReader(scene)) for scene in scenes), tuple(patches))


def _warn_of_pixel_sizes(scenes: Sequence[AlignedScene], reporter: Reporter) -> None:
    by_size = sorted(scenes, key=lambda scene: scene.grid.pixel_size)
    finest, coarsest = by_size[0], by_size[-1]
    sizes = finest.grid.pixel_size, coarsest.grid.pixel_size
    if sizes[1] > _APART * sizes[0]:
        reporter.warning(
            f"Pixels of layer '{finest.layers.sar.name}' are {sizes[0]:.3g} m wide and those of layer "
            f"'{coarsest.layers.sar.name}' {sizes[1]:.3g} m: one model learns two kinds of detail. Resample one of "
            "them first (Raster > Projections > Warp), or train a model for each."
        )


def _warn_of_overlaps(scenes: Sequence[AlignedScene], reporter: Reporter) -> None:
    for scene, another in combinations(scenes, 2):
        one, other = scene.layers.sar, another.layers.sar
        with suppress(UserError):  # they lie apart
            shared = overlap_window(one, other, scene.grid)
            if min(shared.width, shared.height) > 0:
                reporter.warning(
                    f"Layers '{one.name}' and '{other.name}' overlap, so that what is validated with in one may be "
                    "learnt from in the other, and the figures come out too good: choose layers of other places, or "
                    "cut one of them."
                )


def _listed(bands: Sequence[int]) -> str:
    return ", ".join(map(str, bands))
