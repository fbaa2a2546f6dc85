"""Model cards: what a model file says about itself. Standard library only, QGIS reads them too.

A model file is a safetensors file: 8 bytes header length (little endian), a JSON header, then the tensors. The card is
JSON text under the key `card` of the header's `__metadata__`: it can be read without the tensors and without torch.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..contract.errors import UserError

METADATA_KEY = "card"
_LARGEST_HEADER = 10_000_000


@dataclass(frozen=True)
class Card:
    """What a model file says about itself.

    networks: for each prefix of tensor names (dotted, such as "goodness.sar"; none the beginning of another) the name
    of the network's "class" and its constructor "arguments". sar_input, optical_input: "bands", "polarisations", "unit"
    and "value_range" of what the networks expect. pixel_size_range: smallest and largest in metres. operating_point:
    thresholds by name, such as "goodness_threshold" and "orn_threshold". date: ISO 8601. sha256: of the file's tensor
    block, all bytes after the header; filled in when the file is written. Raises ValueError for values of another type.
    """

    name: str
    task: str
    summary: str
    networks: dict
    sar_input: dict
    optical_input: dict
    pixel_size_range: tuple
    training_sets: tuple
    validation: dict
    operating_point: dict
    date: str
    licence: str
    sha256: str = ""

    def __post_init__(self):
        for field in fields(self):
            value = getattr(self, field.name)
            if field.type is tuple and isinstance(value, list):
                value = tuple(value)
                object.__setattr__(self, field.name, value)
            if not isinstance(value, field.type):
                raise ValueError(f"'{field.name}' must be a {field.type.__name__}, not a {type(value).__name__}")
        _check_pixel_sizes(self.pixel_size_range)
        _check_networks(self.networks)


def read_card(path):
    """Return the card of a model file; raises `UserError` when the file cannot be read or has no usable card."""
    return read_header(path)[0]


def read_header(path):
    """Return a model file's card and the position of its tensor block in bytes; raises `UserError` like `read_card`."""
    try:
        with Path(path).open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            length = int.from_bytes(file.read(8), "little")
            if not 0 < length <= min(size - 8, _LARGEST_HEADER):
                raise ValueError("it is not a safetensors file")
            header = json.loads(file.read(length).decode("utf-8"))
        return _card_in(header), 8 + length
    except OSError as error:
        raise UserError(f"Model file '{path}' cannot be opened ({error.strerror}): choose another one.") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"'{path}' is not a SARbridge model file: {error}. Choose another file.") from error


def card_text(card):
    """Return the text that goes under `METADATA_KEY` of a safetensors file's metadata."""
    return json.dumps(asdict(card))


def list_models(folders, task):
    """Return (path, card) of all model files in the folders made for the task, sorted by the names on the cards.

    Files that cannot be read and folders that do not exist are left out.
    """
    models = []
    for path in (path for folder in folders for path in Path(folder).glob("*.safetensors")):
        try:
            card = read_card(path)
        except UserError:
            continue
        if card.task == task:
            models.append((path, card))
    return sorted(models, key=lambda model: (model[1].name, model[0]))


def _card_in(header):
    try:
        values = json.loads(header["__metadata__"][METADATA_KEY])
    except (KeyError, TypeError) as error:
        raise ValueError("it carries no model card") from error
    try:
        return Card(**values)
    except TypeError as error:
        raise ValueError("its model card has missing or unknown entries") from error


def _check_pixel_sizes(sizes):
    numbers = len(sizes) == 2 and all(isinstance(size, (int, float)) for size in sizes)
    if not (numbers and 0 < sizes[0] <= sizes[1]):
        raise ValueError(f"'pixel_size_range' must be the smallest and the largest size in metres, not {list(sizes)}")


def _check_networks(networks):
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
