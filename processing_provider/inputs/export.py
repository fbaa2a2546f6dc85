"""What it takes to write layers to files that the engine can open: a temporary folder, and how far they are needed."""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransformContext,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsRectangle,
)

from .temporary_folder import temporary_folder


class Export(NamedTuple):
    """Layers are written into `folder` as far as they lie within all of `areas`; without areas, as a whole."""

    folder: Path
    areas: tuple[tuple[QgsRectangle, QgsCoordinateReferenceSystem], ...]
    transform_context: QgsCoordinateTransformContext
    feedback: QgsProcessingFeedback

    def new_file(self, suffix: str) -> str:
        """Return a path in the folder that nobody uses."""
        return str(self.folder / f"{uuid.uuid4().hex}{suffix}")


@contextmanager
def temporary_export(
    context: QgsProcessingContext,
    feedback: QgsProcessingFeedback,
    areas: Iterable[tuple[QgsRectangle, QgsCoordinateReferenceSystem]] = (),
) -> Iterator[Export]:
    """Yield an `Export` into a folder that is gone afterwards: run the job within."""
    with temporary_folder() as folder:
        yield Export(folder, tuple(areas), context.transformContext(), feedback)
