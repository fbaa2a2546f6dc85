"""What the spectrum of a complex layer is like, in words, before a network is shown real and imaginary part."""

from dataclasses import dataclass

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ..rasters.complex_reader import ComplexReader
from ..rasters.grid import Grid
from ..reporting import Reporter
from .centred_reader import CentredReader
from .independence import Independence, independence
from .spectrum import Axis, Centring, centring

_CORRELATED = 0.1
"""Correlation from which a network finds something of one part in the other: it foretells 2 % of its power, which
eight centred crops of four sensors stay below (0.02 to 0.05) and a lopsided one does not (UAVSAR, 0.19)."""

_UNEQUAL = 0.1  # noncircularity: one part has half as much power again as the other
_ALONE = 0.9  # noncircularity where one part is as good as nothing, or a multiple of the other
_SMOOTH = 0.75  # roughness; nine single-look crops of four sensors have 1.0 to 1.3


@dataclass(frozen=True, eq=False)
class Survey:
    """The `Centring` that a layer asks for, and the `Independence` of its parts `before` it and `after` it."""

    centring: Centring
    before: Independence
    after: Independence

    @property
    def is_detected(self) -> bool:
        """Whether there is no phase: a detected image that is stored as complex numbers."""
        return self.before.noncircularity > _ALONE

    def found(self, name: str) -> str:
        """Return what was found in layer `name`, in a sentence or two, for the log and the report."""
        if not self.before.blocks:
            return f"Layer '{name}' has no data where its spectrum was looked at; it is taken for centred."
        before, after = self.before, self.after
        if self.centring.is_identity:
            words = f"is in the middle: real and imaginary parts are correlated by {before.correlation:.2f}"
        else:
            words = (
                f"was off centre, {_frequency(self.centring.across)} across and {_frequency(self.centring.down)} down "
                "the image (cycles per pixel), and was brought to the middle: real and imaginary parts were correlated "
                f"by {before.correlation:.2f}, now by {after.correlation:.2f}"
            )
        across, down = (f"{100 * share:.0f} %" for share in after.bandwidth)
        return (
            f"The spectrum of layer '{name}' {words} (independent ones would be by up to {after.chance:.2f}). It fills "
            f"{across} of the sampling frequency across and {down} down the image."
        )

    def doubts(self, name: str) -> list[str]:
        """Return a sentence for each reason why real and imaginary part of layer `name` are no pair of looks."""
        before, after = self.before, self.after
        if self.is_detected:
            return [
                f"The imaginary part of layer '{name}' is 0, or follows the real one: this is a detected image stored "
                "as complex numbers. Choose a method for detected images."
            ]
        doubts = []
        if after.correlation > max(_CORRELATED, after.chance):
            doubts.append(
                f"Real and imaginary parts of layer '{name}' are still correlated by {after.correlation:.2f} with "
                "their spectrum in the middle, as it is lopsided or changes from place to place: speckle will stay in "
                "the result. Use the image as its processor gave it (not resampled or filtered), or a smaller extent."
            )
        if before.noncircularity > _UNEQUAL:
            ratio = ((1 + before.noncircularity) / (1 - before.noncircularity)) ** 2
            doubts.append(
                f"Real and imaginary parts of layer '{name}' are not alike (as if one had {ratio:.1f} times the power "
                "of the other), as they are in single-look complex images: check that this is one."
            )
        if before.roughness < _SMOOTH:
            doubts.append(
                f"Layer '{name}' is smoother than speckle of one look ({before.roughness:.2f} of its variation): it "
                "was filtered or averaged before, or holds few different numbers. Use the single-look complex image, "
                "or a method for detected images."
            )
        return doubts

    def findings(self, name: str) -> tuple[str, ...]:
        """Return what was found in layer `name`, and what is doubtful of it, in sentences for reports."""
        return self.found(name), *self.doubts(name)


def survey(source: RasterSource, grid: Grid) -> Survey:
    """Return the `Survey` of a complex `RasterSource` on its own lattice or a part of it.

    Raises `UserError` as `ComplexReader` does. What is read grows with the grid's sides, and memory with nothing.
    """
    with ComplexReader(source, grid) as reader:
        before, found = independence(reader), centring(reader)
    if found.is_identity:
        return Survey(found, before, before)
    with CentredReader(source, grid, found) as reader:
        return Survey(found, before, independence(reader))


def told_survey(source: RasterSource, grid: Grid, reporter: Reporter) -> Survey:
    """Return the `survey` of a source whose parts a network is to compare, and tell what was found and is doubtful.

    Raises `UserError` for a detected image, too.
    """
    found = survey(source, grid)
    if found.is_detected:
        raise UserError(found.doubts(source.name)[0])
    reporter.info(found.found(source.name))
    for doubt in found.doubts(source.name):
        reporter.warning(doubt)
    return found


def _frequency(axis: Axis) -> str:
    low, high = axis.frequencies.min(), axis.frequencies.max()
    if high - low > 1:
        return "all frequencies one after the other"
    if high - low < 0.005:
        return f"{round(low - round(low), 2) + 0:.2f}"  # -0.5..0.5, and no minus before 0
    return f"{low:.2f} to {high:.2f}"
