"""Model cards: what a model file says about itself. Standard library only, QGIS reads them too.

A model file is a safetensors file: 8 bytes header length (little endian), a JSON header, then the tensors. The card is
JSON text under the key `card` of the header's `__metadata__`: it can be read without the tensors and without torch.

Cards of format 2 are written, with the entry `format` and those of `Card`. Format 1, without that entry, was for
matching alone and is read too: it had `sar_input` and `optical_input` for `inputs`, no outputs and no tiling.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from math import inf
from pathlib import Path
from typing import Any, Optional, TypedDict, get_origin

from ..contract.errors import UserError
from .file_header import AnyPath, file_header
from .plain_json import parse

METADATA_KEY = "card"
FORMAT = 2

_NO_CARD = "it carries no model card, which SARbridge's own trainings write and weights from elsewhere lack"

NetworkEntry = TypedDict("NetworkEntry", {"class": str, "arguments": dict[str, Any]})
"""A network: the name of its class and the arguments of its constructor."""


class ImageEntry(TypedDict):
    """What a network takes, or gives, in one role.

    bands: at least 1. unit: of the values, such as "dB", "8-bit rendering", "reflectance" or "m". range: lowest and
    highest value that the network tells apart, or gives; None where any will do. polarisations: of SAR images, such as
    "VV"; else empty.
    """

    bands: int
    unit: str
    range: Optional[list[float]]
    polarisations: list[str]


MEASURES = {
    "within_1": "within 1 px (%)",
    "within_3": "within 3 px (%)",
    "mean": "mean error (px)",
    "map": "mAP (px)",
    "count": "matches",
    "share_kept": "share kept (%)",
    "mse": "mean squared error (colours 0 to 1)",
    "ssim": "structural similarity",
    "psnr": "PSNR of decibels (dB)",
    "psnr_before": "PSNR before (dB)",
    "tiles": "tiles",
    "iou": "intersection over union",
    "f1": "F1",
    "interval": "95 % interval",
}
"""What people read for the measures in `Card.validation`."""


PIXELS = ("largest_sigma",)
"""Thresholds in `Card.operating_point` that are pixels; the others lie between 0 and 1."""


@dataclass(frozen=True)
class Card:
    """What a model file says about itself.

    task: what it is for, such as "match". networks: for each prefix of tensor names (dotted, such as "goodness.sar";
    none the beginning of another) a network. inputs, outputs: the images that these take and give, by role, such as
    "sar", "optical" or "dem". tiling: "side", "halo" and "step" in pixels of the tiles of a raster that the networks
    are meant to see (halo: of the side, at each end, what results cannot be trusted in; tiles begin at multiples of the
    step); empty where the task does not tile. pixel_size_range: smallest and largest in metres. validation:
    measures (`MEASURES` among them) by test, and remarks. operating_point: thresholds by name, such as
    "orn_threshold". date: ISO 8601. sha256: of the file's tensor block, all bytes after the
    header; filled in when the file is written. working_pixel: metres that the pixels of rasters are brought to before
    the networks see them; 0 where they see them as they are. Raises ValueError for values of another type or out of
    bounds.
    """

    name: str
    task: str
    summary: str
    networks: dict[str, NetworkEntry]
    inputs: dict[str, ImageEntry]
    outputs: dict[str, ImageEntry]
    tiling: dict[str, int]
    pixel_size_range: tuple[float, float]
    training_sets: tuple[str, ...]
    validation: dict[str, Any]
    operating_point: dict[str, float]
    date: str
    licence: str
    sha256: str = ""
    working_pixel: float = 0.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, kind = getattr(self, field.name), get_origin(field.type) or field.type
            if kind is tuple and isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, field.name, value)
            if not isinstance(value, kind):
                raise ValueError(f"'{field.name}' must be a {kind.__name__}, not a {type(value).__name__}")
        for key in ("name", "task"):
            text = getattr(self, key)
            if not text.strip() or not text.isprintable() or set(text) & set("<>"):
                raise ValueError(f"'{key}' must be a line of plain text")
        _check_networks(self.networks)
        for role, entry in self.inputs.items():
            _check_image(f"input '{role}'", entry)
        for role, entry in self.outputs.items():
            _check_image(f"output '{role}'", entry)
        _check_tiling(self.tiling)
        sizes = self.pixel_size_range
        if not (_are_two_numbers(sizes) and 0 < sizes[0] <= sizes[1]):
            raise ValueError(
                f"'pixel_size_range' must be the smallest and the largest size in metres, not {list(sizes)}"
            )
        if not 0 <= self.working_pixel < inf:
            raise ValueError("'working_pixel' must be a size in metres, or 0")
        if not _are_texts(self.training_sets):
            raise ValueError("'training_sets' must be a list of texts")
        for name, threshold in self.operating_point.items():
            most = inf if name in PIXELS else 1
            if not (_is_number(threshold) and 0 <= threshold <= most):
                raise ValueError(f"'operating_point' must hold numbers from 0 to 1, or pixels: not '{name}'")

    @property
    def pixel_sizes(self) -> str:
        """What people read for `pixel_size_range`."""
        smallest, largest = self.pixel_size_range
        return f"{smallest:g} m" if smallest == largest else f"{smallest:g} to {largest:g} m"


def read_card(path: AnyPath) -> Card:
    """Return the card of a model file; raises `UserError` when the file cannot be read or has no usable card."""
    return read_header(path)[0]


def read_header(path: AnyPath) -> tuple[Card, dict[str, Any], int]:
    """Return a model file's card, its whole header, and the position of its tensor block in bytes.

    Raises `UserError` like `read_card`.
    """
    try:
        header, start = file_header(path)
        return _card_in(header, path), header, start
    except OSError as error:
        raise UserError(f"Model file '{path}' cannot be opened ({error.strerror}): choose another one.") from error
    except ValueError as error:
        raise UserError(f"'{path}' is not a SARbridge model file: {error}. Choose another file.") from error


def has_card(path: AnyPath) -> bool:
    """Return whether a file is a safetensors file that carries a model card, usable or not."""
    try:
        return METADATA_KEY in file_header(path)[0]["__metadata__"]
    except (OSError, ValueError, KeyError, TypeError):
        return False


def card_text(card: Card) -> str:
    """Return the text that goes under `METADATA_KEY` of a safetensors file's metadata."""
    return json.dumps({"format": FORMAT, **asdict(card)})


def list_models(folders: Iterable[AnyPath], task: str) -> list[tuple[Path, Card]]:
    """Return (path, card) of all model files in the folders made for the task, sorted by the names on the cards.

    Files that cannot be read and folders that do not exist are left out.
    """
    models = []
    for path in (path for folder in folders for path in _model_files(Path(folder))):
        try:
            card = read_card(path)
        except UserError:
            continue
        if card.task == task:
            models.append((path, card))
    return sorted(models, key=lambda model: (model[1].name, model[0]))


def _model_files(folder: Path) -> list[Path]:
    try:
        return list(folder.glob("*.safetensors"))
    except OSError:
        return []


def _card_in(header: Any, path: AnyPath) -> Card:
    try:
        values = parse(header["__metadata__"][METADATA_KEY])
    except (KeyError, TypeError) as error:
        raise ValueError(_NO_CARD) from error
    if not isinstance(values, dict):
        raise ValueError(_NO_CARD)
    number = values.pop("format", 1)
    if number not in (1, FORMAT):
        raise UserError(
            f"Model file '{path}' has a card of format {number}, which this version does not know: update the plugin."
        )
    try:
        return Card(**(_from_format_1(values) if number == 1 else values))
    except (KeyError, TypeError) as error:
        raise ValueError("its model card has missing or unknown entries") from error


def _from_format_1(values: dict[str, Any]) -> dict[str, Any]:
    """Return the entries of a card of format 1 as those of `Card`; what it did not have to say is filled in."""
    inputs = {}
    for role in ("sar", "optical"):
        entry = values.pop(f"{role}_input")
        if not isinstance(entry, dict):
            raise ValueError(f"'{role}_input' must be a dict, not a {type(entry).__name__}")
        value_range = entry.get("value_range")
        inputs[role] = {
            "bands": entry.get("bands", 1),
            "unit": entry.get("unit", "unknown"),
            "range": value_range if isinstance(value_range, list) else None,  # a text said why any will do
            "polarisations": entry.get("polarisations", []),
        }
    return {**values, "inputs": inputs, "outputs": {}, "tiling": {}}


def _check_networks(networks: dict) -> None:
    for prefix, network in networks.items():
        if not (
            isinstance(network, dict)
            and set(network) == {"class", "arguments"}
            and isinstance(network["class"], str)
            and isinstance(network["arguments"], dict)
        ):
            raise ValueError(f"network '{prefix}' needs a class name and a dict of arguments")
        if any(other.startswith(f"{prefix}.") for other in networks):
            raise ValueError(f"the network prefix '{prefix}' is the beginning of another one")


def _check_image(what: str, entry: Any) -> None:
    keys = set(ImageEntry.__annotations__)
    if not (isinstance(entry, dict) and set(entry) == keys):
        raise ValueError(f"{what} needs the entries {', '.join(sorted(keys))} and no others")
    if not (_is_whole(entry["bands"]) and entry["bands"] >= 1):
        raise ValueError(f"the bands of {what} must be a whole number from 1 on")
    if not (isinstance(entry["unit"], str) and entry["unit"]):
        raise ValueError(f"the unit of {what} must be a text")
    value_range = entry["range"]
    if value_range is not None and not (_are_two_numbers(value_range) and value_range[0] < value_range[1]):
        raise ValueError(f"the range of {what} must be the lowest and the highest value, or null")
    if not _are_texts(entry["polarisations"]):
        raise ValueError(f"the polarisations of {what} must be a list of texts")


def _check_tiling(tiling: dict) -> None:
    if not tiling:
        return
    if not (set(tiling) == {"side", "halo", "step"} and all(_is_whole(value) for value in tiling.values())):
        raise ValueError("'tiling' needs side, halo and step, whole numbers of pixels")
    side, halo, step = tiling["side"], tiling["halo"], tiling["step"]
    if step < 1 or halo < 0 or side % step or halo % step or side <= 2 * halo:
        raise ValueError("side and halo of the tiling must be multiples of the step, and the side more than two halos")


def _are_texts(values: Any) -> bool:
    return isinstance(values, (list, tuple)) and all(isinstance(value, str) for value in values)


def _are_two_numbers(values: Any) -> bool:
    return isinstance(values, (list, tuple)) and len(values) == 2 and all(_is_number(value) for value in values)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < inf


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
