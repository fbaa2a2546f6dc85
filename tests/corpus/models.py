"""Model files that are none, whose headers and cards lie, or whose weights are no numbers."""

import hashlib
import json
import os
from functools import partial

from sarbridge.contract.installation import SHIPPED_MODELS
from sarbridge.tests.corpus.case import Case, match

SHIPPED = SHIPPED_MODELS / "bridgematch_s1s2.safetensors"
NO_MODEL = "is not a SARbridge model file: "


def _split(data):
    start = 8 + int.from_bytes(data[:8], "little")
    return json.loads(data[8:start]), data[start:]


def _file(header, block=b""):
    return len(header).to_bytes(8, "little") + header + block


def _card(**entries):
    """The shipped file with other entries on its card."""
    header, block = _split(SHIPPED.read_bytes())
    card = {**json.loads(header["__metadata__"]["card"]), **entries}
    header["__metadata__"]["card"] = json.dumps(card)
    return _file(json.dumps(header).encode(), block)


def _card_text(old, new):
    """The shipped file with another text on its card."""
    header, block = _split(SHIPPED.read_bytes())
    header["__metadata__"]["card"] = header["__metadata__"]["card"].replace(old, new, 1)
    return _file(json.dumps(header).encode(), block)


def _network(**arguments):
    header, _ = _split(SHIPPED.read_bytes())
    networks = json.loads(header["__metadata__"]["card"])["networks"]
    networks["match"]["arguments"] = arguments
    return _card(networks=networks)


def _tensor(**entries):
    """The shipped file whose header says something else of one tensor."""
    header, block = _split(SHIPPED.read_bytes())
    header["orn.head.0.bias"].update(entries)
    return _file(json.dumps(header).encode(), block)


def _weights(value):
    """The shipped file with one weight of `value` (two bytes), and the hash of that."""
    header, block = _split(SHIPPED.read_bytes())
    start = header["orn.head.0.bias"]["data_offsets"][0]
    block = block[:start] + value + block[start + 2 :]
    card = json.loads(header["__metadata__"]["card"])
    header["__metadata__"]["card"] = json.dumps({**card, "sha256": hashlib.sha256(block).hexdigest()})
    return _file(json.dumps(header).encode(), block)


def _without_tensor():
    header, block = _split(SHIPPED.read_bytes())
    header["orn.head.0.weird"] = header.pop("orn.head.0.bias")
    return _file(json.dumps(header).encode(), block)


def _sparse(path):
    path.write_bytes(SHIPPED.read_bytes())
    os.truncate(path, 6 * 2**30)


def _run(make, folder):
    path = folder / "model.safetensors"
    made = make(path) if callable(make) else make
    if made is not None:
        path.write_bytes(made)
    return match(folder, METHOD="bridgematch", MODEL_FILE=str(path))


FILES = {
    "noise": (b"this is no model", "it is not a safetensors file"),
    "nothing": (b"", "it is not a safetensors file"),
    "seven bytes": (b"1234567", "it is not a safetensors file"),
    "no length": (bytes(64), "it is not a safetensors file"),
    "a longer header than file": (_file(b"{}")[:9], "it is not a safetensors file"),
    "a huge length": (b"\xff" * 64, "it is not a safetensors file"),
    "a header of 2 MB": (_file(b" " * 2_000_000), "its header of 2000000 bytes is larger"),
    "a header that is no text": (_file(b"\xff\xfe"), "its header is no text"),
    "a header that is no JSON": (_file(b"{{{"), "its header is no JSON"),
    "a header that is a list": (_file(b"[]"), "no model card"),
    "a header that is a number": (_file(b"5"), "no model card"),
    "no metadata": (_file(b"{}"), "no model card, which .* weights from elsewhere lack. Choose another"),
    "metadata that are a list": (_file(b'{"__metadata__": []}'), "no model card"),
    "a card that is a number": (_file(b'{"__metadata__": {"card": 5}}'), "no model card"),
    "a card that is a list": (_file(b'{"__metadata__": {"card": "[]"}}'), "no model card"),
    "a card that is no JSON": (_file(b'{"__metadata__": {"card": "x"}}'), "its header is no JSON"),
    "deep nesting": (_file(b"[" * 100_000), "nested too deep"),
    "an entry twice": (_file(b'{"a": 1, "a": 2}'), "gives an entry twice"),
    "NaN": (_file(b'{"a": NaN}'), "holds NaN, which is no number"),
    "a number of 400 digits": (_file(b'{"a": ' + b"9" * 400 + b"}"), "a number of 400 digits"),
    "a number beyond all": (_file(b'{"a": 1e300}'), "which is too large"),
    "half a character": (_file(b'{"a": "\\ud800"}'), "characters that cannot be shown"),
    "a bell": (_file(b'{"a": "\\u0007"}'), "characters that cannot be shown"),
    "a line break in a key": (_file(b'{"a\\nb": 1}'), "characters that cannot be shown"),
}
"""By name: what stands in the file, and the sentence."""

CARDS = {
    "a name in bold": ({"name": "<b>a</b>"}, "'name' must be a line of plain text"),
    "a name of two lines": ({"name": "a\nb"}, "'name' must be a line of plain text"),
    "no name": ({"name": " "}, "'name' must be a line of plain text"),
    "a number for a name": ({"name": 5}, "'name' must be a str"),
    "a number for networks": ({"networks": 5}, "'networks' must be a dict"),
    "a list for networks": ({"networks": []}, "'networks' must be a dict"),
    "a text for a network": ({"networks": {"match": "BridgeMatch"}}, "network 'match' needs a class name"),
    "a list for tiling": ({"tiling": []}, "'tiling' must be a dict"),
    "a number for training sets": ({"training_sets": 5}, "'training_sets' must be a tuple"),
    "a number in training sets": ({"training_sets": [5]}, "'training_sets' must be a list of texts"),
    "a text for a threshold": ({"operating_point": {"orn_threshold": "high"}}, "numbers from 0 to 1"),
    "true for a threshold": ({"operating_point": {"orn_threshold": True}}, "numbers from 0 to 1"),
    "null for a threshold": ({"operating_point": {"orn_threshold": None}}, "numbers from 0 to 1"),
    "a threshold above 1": ({"operating_point": {"orn_threshold": 7}}, "numbers from 0 to 1"),
    "a negative threshold": ({"operating_point": {"orn_threshold": -0.5}}, "numbers from 0 to 1"),
    "pixel sizes the wrong way": ({"pixel_size_range": [15, 6]}, "'pixel_size_range' must be"),
    "a text for pixel sizes": ({"pixel_size_range": "6 to 15"}, "'pixel_size_range' must be a tuple"),
    "an unknown entry": ({"colour": "red"}, "missing or unknown entries"),
    "a number for an input": ({"inputs": {"sar": 5}}, "input 'sar' needs the entries"),
    "null for a licence": ({"licence": None}, "'licence' must be a str"),
}
"""By name: entries of the card, and the sentence."""

LIES = {
    "a card of a later format": (partial(_card, format=3), "of format 3, which this version does not know"),
    "another task": (partial(_card, task="roofs"), "made for the task 'roofs'"),
    "Infinity on the card": (partial(_card_text, "0.78", "Infinity"), "holds Infinity, which is no number"),
    "an entry of the card twice": (partial(_card_text, '"task"', '"task": "a", "task"'), "gives an entry twice"),
    "a card nested too deep": (partial(_card_text, "{}", "[" * 20 + "]" * 20), "nested too deep"),
    "an unknown network": (partial(_card_text, '"BridgeMatch"', '"FutureNet"'), "'FutureNet', which this version"),
    "wide networks": (partial(_network, widths=[16384] * 3, features=16384), "does not fit the networks on its card"),
    "no widths": (partial(_network, widths=[]), "arguments it cannot take"),
    "a text for widths": (partial(_network, widths="many"), "arguments it cannot take"),
    "negative features": (partial(_network, features=-4), "arguments it cannot take"),
    "an unknown argument": (partial(_network, depth=3), "arguments it cannot take"),
    "an unknown type": (partial(_tensor, dtype="F17"), "is damaged: the entry of tensor 'orn.head.0.bias'"),
    "integers for weights": (partial(_tensor, dtype="I16"), "wrong shape or type of tensor 'orn.head.0.bias'"),
    "a negative size": (partial(_tensor, shape=[-128]), "is damaged: the entry of tensor"),
    "true for a size": (partial(_tensor, shape=[True]), "is damaged: the entry of tensor"),
    "a size beyond memory": (partial(_tensor, shape=[2**40, 2**40]), "another number of bytes than its shape needs"),
    "another shape": (partial(_tensor, shape=[2, 64]), "wrong shape or type of tensor"),
    "overlapping tensors": (partial(_tensor, data_offsets=[0, 256]), "is damaged: its tensors take"),
    "one offset": (partial(_tensor, data_offsets=[0]), "is damaged: the entry of tensor"),
    "a missing tensor": (_without_tensor, "lacks tensor 'orn.head.0.bias'"),
    "a weight that is no number": (partial(_weights, b"\x00\x7e"), "weights that are no finite numbers"),
    "an infinite weight": (partial(_weights, b"\x00\x7c"), "weights that are no finite numbers"),
    "another byte": (lambda: SHIPPED.read_bytes()[:-1] + b"\x55", "do not match the hash"),
    "half a file": (lambda: SHIPPED.read_bytes()[:2_000_000], "bytes follow its header"),
}
"""By name: what makes the file's content, and the sentence."""

ODD_FILES = {
    "a pipe": (os.mkfifo, "is no file; choose another one"),
    "a folder": (os.mkdir, "is no file; choose another one"),
    "a device": (lambda path: path.symlink_to("/dev/zero"), "is no file; choose another one"),
    "a dangling link": (lambda path: path.symlink_to("gone"), "is no file; choose another one"),
    "a loop of links": (lambda path: path.symlink_to(path.name), "is no file; choose another one"),
    "no file": (lambda path: None, "is no file; choose another one"),
    "6 GB of nothing behind a model": (_sparse, "bytes follow its header"),
}
"""By name: what lays it at a path, and the sentence."""

CASES = [
    *(Case(name, partial(_run, data), refused=NO_MODEL + ".*" + why) for name, (data, why) in FILES.items()),
    *(
        Case(name, partial(_run, lambda path, entries=entries: _card(**entries)), refused=why)
        for name, (entries, why) in CARDS.items()
    ),
    *(Case(name, partial(_run, lambda path, make=make: make()), refused=why) for name, (make, why) in LIES.items()),
    *(Case(name, partial(_run, lay), refused=why) for name, (lay, why) in ODD_FILES.items()),
]
