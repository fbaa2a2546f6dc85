"""The tables of a matching report: fate of the candidates, settings of the run, model card."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Optional, Union

from ...contract.matching_jobs import CANDIDATES, METHODS, OUTLIER_TESTS, MatchTiePointsJob
from ...contract.report_page import NOT_DEFINED, number, paragraph, properties, table
from ...contract.sources import RasterSource
from ...contract.tie_points import REASONS
from ...models.card import Card, ImageEntry
from ..compute.device import device_and_reason
from ..rasters.grid import Grid
from ..rasters.grid_reader import GridReader
from ..rasters.radiometry import UNIT_NAMES
from ..rasters.source_file import parse_crs
from ..reports.model_tables import listed
from .acceptance import MOST_INVALID, TOLERANCE_PX, goodness_threshold, largest_sigma, orn_threshold

_EXPLANATIONS = {
    "low_goodness": (
        "The goodness networks expect no reliable match here: water, uniform fields, or change between the images."
    ),
    "orn": (
        "The heat map around the match looks like those of wrong ones, or another place fits nearly as well: its score "
        "lies below the threshold."
    ),
    "sigma": "The heat map around the match looks like those of matches that are off by more than the largest error.",
    "transform": (
        f"The match lies more than {TOLERANCE_PX:g} working pixels from the transform that the other points agree on."
    ),
    "border": (
        "The template, or all that it could be compared with, reaches over the edge of the overlap, or it fits best at "
        "the edge of what was searched, so that the right place may lie beyond."
    ),
    "nodata": f"More than {MOST_INVALID:.0%} of the template, or of all that it could be compared with, has no data.",
    "visibility": "The joint map of visibility says that one of the images does not show this place, or not certainly.",
}

_ROLES = {"sar": "SAR", "optical": "Optical"}
_SOURCE = (
    "CorrASL, PSiam, SSNet, the goodness networks and the outlier reduction network (ORN) follow L. H. Hughes, “Deep "
    "Learning for Matching High-Resolution SAR and Optical Imagery”, dissertation, Technische Universität München, "
    "2020, §4.2, §4.5 and §4.6; DeepMatch follows its §5.1.4 and N. Merkle et al., Remote Sensing 9 (2017)."
)


def reason_table(rows: Sequence[dict[str, Any]]) -> str:
    """Return how many candidates were accepted and rejected, and what each reason means."""
    if not rows:
        return paragraph("There was no candidate: no place of the overlap was worth a trial.")
    counts = Counter(row["reason"] for row in rows)
    listed = [("Accepted", "", counts[""], "The match passed all tests.")]
    listed += [(REASONS[key], key, counts[key], _EXPLANATIONS[key]) for key in REASONS if counts[key]]
    return table(
        ("Result", "reason", "candidates", "share", "Meaning"),
        [(name, key, str(count), number(100 * count / len(rows), "%", 1), text) for name, key, count, text in listed],
        numeric=(2, 3),
    )


def settings_table(job: MatchTiePointsJob, grid: Grid, sar: GridReader, card: Optional[Card]) -> str:
    """Return the settings of a run as they took effect; `sar` is the reader of the SAR image."""
    pixels = f"{grid.pixel_size:.6g} m, {'as chosen' if job.pixel_size else 'the coarser of the two images'}"
    decided = "detected" if job.sar_unit == "auto" else "as chosen"
    settings = {
        "SAR layer": _layer(job.sar),
        "SAR values": f"read as {UNIT_NAMES[sar.radiometry.unit]} ({decided})",
        "Optical layer": _layer(job.optical),
        "Working grid": f"{grid.width} × {grid.height} pixels of {pixels}; {_crs_name(grid)}",
        "Extent": _extent(job),
        "Method": METHODS[job.method],
        "Model file": job.model if card else NOT_DEFINED,
        "Largest shift": f"{job.max_shift} px ({job.max_shift * grid.pixel_size:.4g} m)",
        "Candidates": CANDIDATES[job.candidates],
        "Joint map of visibility": job.visibility.name if job.visibility else "not given",
        "Spacing": f"{job.spacing} px ({job.spacing * grid.pixel_size:.4g} m)",
        "Goodness threshold": _threshold_text(job.goodness_threshold, goodness_threshold(job, card)),
        "Score threshold (ORN)": _threshold_text(job.orn_threshold, orn_threshold(job, card)),
        "Largest predicted error": _threshold_text(job.largest_sigma, largest_sigma(job, card), " px"),
        "Outlier test": f"{OUTLIER_TESTS[job.outlier_test]}, within {TOLERANCE_PX:g} px",
        "Device": "{} ({})".format(*device_and_reason(job.device)),
    }
    if job.outlier_test == "none":
        settings["Outlier test"] = "none; residuals are distances from the mean shift"
    return properties(settings)


def card_table(card: Optional[Card]) -> str:
    """Return the model card, or that there is none."""
    if card is None:
        return paragraph("This run used no trained model.")
    entries = properties(
        {
            "Name": card.name,
            "Summary": card.summary,
            "Networks": listed({prefix: network["class"] for prefix, network in card.networks.items()}),
            **{f"{_ROLES.get(role, role)} input": _image_text(image) for role, image in card.inputs.items()},
            "Pixel sizes": card.pixel_sizes,
            "Training sets": "; ".join(card.training_sets),
            "Operating point": listed(card.operating_point),
            "Date": card.date,
            "Licence": card.licence,
            "SHA-256 of the tensors": card.sha256,
        }
    )
    return entries + paragraph(_SOURCE)


def _image_text(image: ImageEntry) -> str:
    entries = {"bands": image["bands"], "polarisations": image["polarisations"], "unit": image["unit"]}
    if not image["polarisations"]:
        del entries["polarisations"]
    ends = image["range"]
    return listed({**entries, "value range": f"{ends[0]:g} to {ends[1]:g}" if ends else "any"})


def _threshold_text(chosen: float, in_force: Optional[float], unit: str = "") -> str:
    if in_force is None:
        return NOT_DEFINED
    return f"{in_force:g}{unit} ({'as chosen' if chosen >= 0 else 'operating point of the model card'})"


def _layer(source: RasterSource) -> str:
    bands = "band " if len(source.bands) == 1 else "mean of bands "
    text = f"{source.name}; {bands}{', '.join(map(str, source.bands))}; {_crs_name(source)}; {source.path}"
    if source.nodata:
        ranges = ", ".join(f"{low:g}" if low == high else f"{low:g} to {high:g}" for low, high in source.nodata)
        text += f"; no data as declared: {ranges}"
    return text


def _crs_name(georeferenced: Union[RasterSource, Grid]) -> str:
    """Name and EPSG code of the CRS of a source or a grid."""
    crs = parse_crs(georeferenced)
    name, code = crs.to_wkt().split('"')[1], crs.to_epsg()
    return f"{name} (EPSG:{code})" if code else name


def _extent(job: MatchTiePointsJob) -> str:
    if not job.extent:
        return "the whole overlap"
    return ", ".join(f"{edge:.10g}" for edge in job.extent) + " (xmin, ymin, xmax, ymax)"
