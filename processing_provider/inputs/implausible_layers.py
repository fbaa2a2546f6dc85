"""Layers that are not what they are given for: refused where that is clear, warned of where it is doubtful."""

from qgis.core import QgsProcessingFeedback, QgsRasterLayer

from ...contract.errors import UserError
from .layer_kinds import Kind, has_metres, is_8_bit, is_complex, is_picture, kinds_by_name
from .layers import band_count


def check_heights(layer: QgsRasterLayer, feedback: QgsProcessingFeedback) -> None:
    """Refuse, by `UserError`, a layer that cannot hold heights; warn of one that hardly does."""
    _refuse_no_quantity(layer, Kind.HEIGHTS)
    named = kinds_by_name(layer)
    if is_8_bit(layer):
        doubt = "holds whole numbers from 0 to 255"
    elif named and Kind.HEIGHTS not in named:
        doubt = f"is called like {_listed(named)}"
    elif band_count(layer) > 1:
        doubt = f"has {band_count(layer)} bands, of which the first is used"
    else:
        return
    feedback.pushWarning(
        f"Layer '{layer.name()}' {doubt}, but is taken for heights in metres: make sure that it is an elevation layer."
    )


def check_angles(layer: QgsRasterLayer) -> None:
    """Refuse, by `UserError`, a layer that cannot hold incidence angles; the engine looks at their range."""
    _refuse_no_quantity(layer, Kind.ANGLES)


def check_image(layer: QgsRasterLayer, kind: Kind, feedback: QgsProcessingFeedback) -> None:
    """Warn of a layer, given as an image of `kind`, that is called like something else or holds metres."""
    named = kinds_by_name(layer)
    if has_metres(layer):
        doubt = "holds metres"
    elif named and kind not in named:
        doubt = f"is called like {_listed(named)}"
    else:
        return
    feedback.pushWarning(f"Layer '{layer.name()}' {doubt}, but is taken for {kind.value}: make sure that it is one.")


def _refuse_no_quantity(layer, kind):
    if is_complex(layer):
        holds = "complex values, as radar images do"
    elif is_picture(layer):
        holds = "a picture, colours"
    else:
        return
    raise UserError(
        f"Layer '{layer.name()}' holds {holds}, not {kind.value}: choose a layer that holds one number a cell."
    )


def _listed(kinds):
    return " or ".join(sorted(kind.value for kind in kinds))
