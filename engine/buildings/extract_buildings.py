"""The task `extract_buildings`: a SAR raster of any size and a model in, the buildings of the place out."""

from typing import Any

from ...contract.buildings_jobs import ExtractBuildingsJob
from ...contract.errors import UserError
from ...contract.finished_file import finished_files, scratch_folder
from ...contract.full_disk import raise_if_full
from ...models.card import Card
from ...models.model_file import load_model
from ..compute.device import choose_device
from ..reporting import Reporter
from .backscatter_layer import backscatter_layer
from .complex_layer import complex_layer
from .found_buildings import FoundBuildings, Rules
from .methods import NETWORK, check_network, gives_footprints, method_of
from .polygons import Surveyor
from .probabilities import ProbabilityReader, Wishes, write_probabilities
from .whole_parts import MOST_PIXELS

_SAMPLED, _PREDICTED, _FOUND = 0.03, 0.85, 0.97
"""How far a run is; the report comes last."""

_SEED = 20.0
"""m² within the borders of a building that touches others: less is what ragged borders cut off."""

_THRESHOLDS = {"threshold": 0.5, "border_threshold": 0.5}
"""Probabilities from which a pixel is built up, and a border, where the card does not say."""


def run(job: ExtractBuildingsJob, reporter: Reporter) -> dict[str, Any]:
    """Write the outputs of an `ExtractBuildingsJob`; return {"numbers": the declared ones, None where not defined}.

    All outputs lie on the lattice of the SAR raster. The network may see it on another one (`ShownLayer`): its
    probabilities go to a temporary raster, from which all else is made. Raises `UserError` for what the user can put
    right.
    """
    device = choose_device(job.device, reporter)
    card, networks = load_model(job.model, NETWORK)
    method = method_of(card)
    check_network(card, networks[NETWORK])
    layer_of = complex_layer if method.is_complex else backscatter_layer
    layer = layer_of(job, card, networks[NETWORK], device, reporter.part(0, _SAMPLED))
    surveyor = Surveyor(layer.grid)
    reporter.progress(_SAMPLED)
    wanted = {"footprints": job.footprints, "mask": job.mask, "probability": job.probability, "report": job.report}
    wanted = {name: path for name, path in wanted.items() if path}
    with finished_files(wanted.values()) as paths, scratch_folder(job.mask) as folder:
        new, scratch = dict(zip(wanted, paths)), folder / "probabilities.tif"
        wishes = Wishes(job.tile, job.batch_size, device)
        doubt = write_probabilities(scratch, layer, card, wishes, reporter.part(_SAMPLED, _PREDICTED))
        raise_if_full(folder)  # GDAL may have cut the raster off, which would be read as a damaged layer
        if doubt:
            reporter.warning(doubt)
        rules = _rules(job, card, surveyor)
        with ProbabilityReader(scratch, method.outputs, layer) as reader:
            found = FoundBuildings(reader, rules, surveyor, layer.place)
            found.write(new["footprints"], new["mask"], new.get("probability"), reporter.part(_PREDICTED, _FOUND))
        if not found.known:
            raise UserError(
                f"What is asked for of layer '{job.sar.name}' holds only no data: choose another extent or layer, or "
                "correct the no-data value."
            )
        _tell(found, rules, job, card, reporter)
        if job.report:
            from .extraction_report import Extraction, write_extraction_report  # matplotlib is slow to load

            write_extraction_report(new, job, Extraction(card, layer, found, doubt, str(device)))
    return {
        "numbers": {
            "BUILDING_COUNT": found.count,
            "BUILT_AREA": found.area,
            "BUILT_SHARE": found.share,
            "MEAN_SCORE": found.mean_score,
        }
    }


def _rules(job: ExtractBuildingsJob, card: Card, surveyor: Surveyor) -> Rules:
    """Return what counts as a building; outlines are simplified by a pixel of the layer or the network, the larger."""
    pixel = surveyor.pixel_size
    thresholds = {**_THRESHOLDS, **card.operating_point}
    threshold = thresholds["threshold"] if job.threshold is None else job.threshold
    tolerance = max(1.0, card.working_pixel / pixel) if job.regularise == "simplify" else 0.0
    return Rules(threshold, thresholds["border_threshold"], job.min_area, tolerance, _SEED / pixel**2)


def _tell(found: FoundBuildings, rules: Rules, job: ExtractBuildingsJob, card: Card, reporter: Reporter) -> None:
    area = found.surveyor.area_in_words(found.area)
    if found.cuts:
        reporter.warning(
            f"Footprints of layer '{job.sar.name}' are cut along rows ({found.cuts:,} times), as more pixels belong "
            f"together with a probability of {rules.threshold:g} or more than can be held at once ({MOST_PIXELS:,}): "
            "raise the threshold, or choose smaller extents."
        )
    if not found.count:
        reporter.warning(
            f"Nothing in layer '{job.sar.name}' is a building of {rules.min_area:g} {found.surveyor.area_unit} or more "
            f"with a probability of {rules.threshold:g} or more, so that the layer of footprints is empty: lower the "
            "threshold or the smallest area, or check the unit and the look of the radar."
        )
    elif gives_footprints(card):
        reporter.info(f"Buildings found: {found.count:,} ({area}); {found.share:.1f} % of the pixels are built up.")
    else:
        reporter.info(
            f"Built-up areas found: {found.count:,} ({area}); {found.share:.1f} % of the pixels are built up. The "
            f"model '{card.name}' does not tell one building from another."
        )
