"""A SAR raster as a network is shown it: which bands, in which unit, and what is bright and dark in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Optional

import numpy as np

from ...contract.errors import UserError
from ...contract.sources import RasterSource
from ...models.card import Card
from ..rasters.bare_zeros import doubt_of_zeros, share_of_zeros
from ..rasters.grid import Grid, Window
from ..rasters.grid_reader import GridReader
from ..rasters.radiometry import SarRadiometry, check_one_unit, check_unit, sar_radiometry
from ..rasters.raster_sample import sample_raster
from ..rasters.scene_scale import SceneScale, scene_scale
from ..rasters.speckle import looks_optical
from ..reporting import Reporter


@dataclass(frozen=True)
class SarScene:
    """A SAR raster as the network is shown it: `source` with its bands and their polarisations, units and scales."""

    source: RasterSource
    polarisations: tuple[str, ...]
    radiometry: SarRadiometry
    scales: tuple[SceneScale, ...]


@dataclass(frozen=True)
class SarTaker:
    """What takes the images: the model with that `card`.

    any_bands: it takes any polarisation, and as many as there are; otherwise those on the card, in their order.
    doubt: what is to be said of its results where an image is of another kind than it has learnt from.
    """

    card: Card
    any_bands: bool
    doubt: str


def sar_scene(
    sar: RasterSource,
    polarisations: Sequence[str],
    unit: str,
    taker: SarTaker,
    whole: Grid,
    reporter: Reporter,
    asked: Optional[Window] = None,
) -> SarScene:
    """Return the `SarScene` of a layer with the grid `whole`: parts of a layer are told apart alike.

    polarisations: of the bands, "" where one is not known. unit: of `SAR_UNITS`. asked: the part that is asked for, as
    in `sample_raster`. Raises `UserError` for a polarisation that the model needs and the layer lacks, for a unit that
    it cannot have, and where there is no image.
    """
    bands, card = sar.bands, taker.card
    if not taker.any_bands:
        polarisations, bands = _as_on_card(sar, polarisations, card)
    source = replace(sar, bands=tuple(bands))
    radiometry, scales = sar_scales(source, unit, whole, reporter, asked)
    expected = card.inputs["sar"]["unit"]
    if radiometry.unit_out not in expected:
        reporter.warning(
            f"The model '{card.name}' has learnt from images in the unit '{expected}', and layer '{sar.name}' is "
            f"read in the unit '{radiometry.unit_out}': {taker.doubt}."
        )
    warn_of_unknown_polarisations(polarisations, taker, sar.name, reporter)
    return SarScene(source, tuple(polarisations), radiometry, scales)


def sar_scales(
    source: RasterSource, unit: str, whole: Grid, reporter: Reporter, asked: Optional[Window] = None
) -> tuple[SarRadiometry, tuple[SceneScale, ...]]:
    """Return the radiometry of a SAR layer with the grid `whole`, and the scale of each of its bands.

    Zeros that are doubted (`bare_zeros`) do not decide on what is bright and dark. unit: of `SAR_UNITS`. Raises
    `UserError` for a unit that one of the bands cannot have, and where it holds no image.
    """
    samples = []
    for band in source.bands:
        with GridReader(replace(source, bands=(band,)), whole) as reader:
            if reader.has_colour_table:
                raise UserError(
                    f"Layer '{source.name}' has a colour table, so that its values are no backscatter: turn it into a "
                    "grey image first (Raster > Conversion > PCT to RGB)."
                )
            samples.append(sample_raster(reader, "in the bands that are read", asked))
    radiometry, sentence = sar_radiometry(samples[0], unit)
    if unit == "auto":
        check_one_unit(source, samples)
    for sample in samples[1:]:
        check_unit(sample, radiometry.unit)
    reporter.info(sentence)
    if looks_optical(samples[0]):
        reporter.warning(
            f"Layer '{source.name}' is calm in some places and rough in others, as optical images are and speckle is "
            "not: make sure that it is a radar image."
        )
    doubt = doubt_of_zeros(source.name, max(map(share_of_zeros, samples)))
    if doubt and radiometry.unit in ("db", "display"):
        reporter.warning(doubt)  # in other units zeros are no data
    is_rendering = radiometry.unit == "display"
    scales = []
    for sample in samples:
        raw = sample.valid_values()
        if doubt and raw.any():
            raw = raw[raw != 0]  # black beyond a swath would make all that is image bright, and its contrast small
        if radiometry.unit in ("power", "amplitude") and (raw > 0).any():
            raw = raw[raw > 0]  # below 0 more noise was subtracted than there was: no decibels tell how dark that is
        values = radiometry.finish(radiometry.linearise(raw))
        scales.append(scene_scale(values[np.isfinite(values)], is_rendering))
    return radiometry, tuple(scales)


def warn_of_unknown_polarisations(polarisations: Sequence[str], taker: SarTaker, name: str, reporter: Reporter) -> None:
    """Say which polarisations of the layer called `name`, "" for those not known, the taker's model never saw."""
    learnt = taker.card.inputs["sar"]["polarisations"]
    others = [each for each in polarisations if each and learnt and each.upper() not in learnt]
    if others:
        reporter.warning(
            f"The model '{taker.card.name}' has learnt from {' and '.join(learnt)}, and layer '{name}' shows "
            f"{' and '.join(others)}: {taker.doubt}."
        )


def _as_on_card(sar: RasterSource, polarisations: Sequence[str], card: Card) -> tuple[Sequence[str], Sequence[int]]:
    """Return (polarisations, bands of the layer), in the order that the card asks for."""
    asked = card.inputs["sar"]["polarisations"]
    known = [polarisation.upper() for polarisation in polarisations]
    if not asked or (len(asked) == 1 and known == [""]):
        if len(known) != card.inputs["sar"]["bands"]:
            raise UserError(
                f"The model '{card.name}' takes {card.inputs['sar']['bands']} SAR bands, and {len(known)} of layer "
                f"'{sar.name}' are chosen: choose as many."
            )
        return polarisations, sar.bands
    missing = [polarisation for polarisation in asked if polarisation.upper() not in known]
    if missing:
        told = ", ".join(each or "unknown" for each in known)
        raise UserError(
            f"The model '{card.name}' needs the polarisations {', '.join(asked)}, and layer '{sar.name}' gives "
            f"{told}: choose a band for {' and '.join(missing)}, say which polarisation each band is, or choose "
            "another model."
        )
    return asked, [sar.bands[known.index(polarisation.upper())] for polarisation in asked]
