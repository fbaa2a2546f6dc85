"""A sheet of panels: one place as the radar, an elevation model, every translator and the camera see it."""

from collections.abc import Callable, Mapping
from pathlib import Path

import matplotlib
import numpy as np

matplotlib.use("agg")

from matplotlib import pyplot as plt

from ..engine.training.pair import Pair

_COLUMNS, _INCHES = 4, 3.2


def draw_sheet(path: Path, pair: Pair, translators: Mapping[str, Callable[[Pair], np.ndarray]]) -> None:
    """Draw the panels of a place into a picture."""
    panels = {
        "SAR (VV)": (pair.sar[0].numpy(), "gray"),
        "heights": (pair.heights[0].numpy(), "terrain"),
        **{name: (np.moveaxis(translate(pair), 0, -1), None) for name, translate in translators.items()},
        "truth": (np.moveaxis(pair.optical.numpy(), 0, -1), None),
    }
    rows = -(-len(panels) // _COLUMNS)
    figure, axes = plt.subplots(rows, _COLUMNS, figsize=(_COLUMNS * _INCHES, rows * (_INCHES + 0.3)))
    for axis in axes.flat:
        axis.axis("off")
    for axis, (name, (image, colours)) in zip(axes.flat, panels.items()):
        axis.imshow(image, cmap=colours, interpolation="nearest")
        axis.set_title(name)
    figure.tight_layout()
    figure.savefig(path, dpi=100)
    plt.close(figure)
