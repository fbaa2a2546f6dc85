"""Model cards without torch: files are made by hand, byte by byte."""

import json
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sarbridge.contract.errors import UserError
from sarbridge.models.card import Card, card_text, list_models, read_card, read_header

CARD = Card(
    name="Medium resolution",
    task="matching",
    summary="For tests.",
    networks={"orn": {"class": "OutlierReductionNet", "arguments": {}}},
    sar_input={"bands": 1, "polarisations": ["VV", "VH"], "unit": "dB", "value_range": [-30, 10]},
    optical_input={"bands": 1, "unit": "reflectance", "value_range": [0, 1]},
    pixel_size_range=(8, 20),
    training_sets=("none",),
    validation={"share_within_1_px": 0.5},
    operating_point={"goodness_threshold": 0.5, "orn_threshold": 0.6},
    date="2024-05-01",
    licence="GPL-2.0-or-later",
    sha256="ab" * 32,
)


def write(path, card=CARD, header=None, tensors=b"\0" * 16):
    """Write a file of the layout that the safetensors format documents."""
    if header is None:
        header = json.dumps({"__metadata__": {"card": card_text(card)}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + tensors)
    return path


def test_round_trip(tmp_path):
    path = write(tmp_path / "a.safetensors")
    assert read_card(path) == CARD
    card, start = read_header(path)
    assert card == CARD
    assert path.read_bytes()[start:] == b"\0" * 16


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "not a safetensors file"),
        (b"\x10\0\0", "not a safetensors file"),
        (b"GIF89a and some more bytes", "not a safetensors file"),
        ((100).to_bytes(8, "little") + b"{}", "not a safetensors file"),
        ((4).to_bytes(8, "little") + b"{{{{", "not a SARbridge model file"),
        ((4).to_bytes(8, "little") + b"\xff\xfe\xff\xff", "not a SARbridge model file"),
        ((2).to_bytes(8, "little") + b"{}", "no model card"),
        ((2).to_bytes(8, "little") + b"[]", "no model card"),
        ((20000).to_bytes(8, "little") + b"[" * 20000, "not a SARbridge model file"),
    ],
)
def test_files_that_are_no_model_files(tmp_path, content, cause):
    path = tmp_path / "b.safetensors"
    path.write_bytes(content)
    with pytest.raises(UserError, match=cause) as error:
        read_card(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("key", "value", "cause"),
    [
        ("name", 5, "'name' must be a str"),
        ("networks", [], "'networks' must be a dict"),
        ("networks", {"orn": "OutlierReductionNet"}, "network 'orn'"),
        ("networks", dict.fromkeys(("goodness", "goodness.sar"), CARD.networks["orn"]), "beginning of another"),
        ("pixel_size_range", [20, 8], "pixel_size_range"),
        ("pixel_size_range", ["8", "20"], "pixel_size_range"),
        ("colour", "red", "missing or unknown"),
    ],
)
def test_cards_that_are_not_usable(tmp_path, key, value, cause):
    text = json.dumps({**asdict(CARD), key: value})
    path = write(tmp_path / "c.safetensors", header=json.dumps({"__metadata__": {"card": text}}).encode())
    with pytest.raises(UserError, match=cause):
        read_card(path)


def test_prefixes_that_only_share_letters_are_allowed():
    replace(CARD, networks=dict.fromkeys(("match", "matcher", "goodness.sar", "goodness.s"), CARD.networks["orn"]))


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match="cannot be opened"):
        read_card(tmp_path / "missing.safetensors")
    with pytest.raises(UserError, match="cannot be opened"):
        read_card(tmp_path)


def test_list_of_models(tmp_path):
    zoo, own = tmp_path / "zoo", tmp_path / "own"
    zoo.mkdir(), own.mkdir()
    write(zoo / "1.safetensors", replace(CARD, name="Zebra"))
    write(own / "2.safetensors", replace(CARD, name="Aardvark"))
    write(own / "3.safetensors", replace(CARD, name="Buildings", task="buildings"))
    (own / "4.safetensors").write_bytes(b"rubbish")
    write(own / "5.txt", CARD)
    (own / "6.safetensors").mkdir()
    models = list_models([zoo, own, tmp_path / "absent"], "matching")
    assert [(path.name, card.name) for path, card in models] == [
        ("2.safetensors", "Aardvark"),
        ("1.safetensors", "Zebra"),
    ]
    assert models[0][0] == own / "2.safetensors"


def test_cards_are_read_without_torch(tmp_path):
    """QGIS lists models with nothing but the standard library: seen in a fresh process."""
    write(tmp_path / "a.safetensors")
    root = Path(__file__).resolve().parents[2]
    program = (
        "import importlib.util, sys\n"
        f"spec = importlib.util.spec_from_file_location('sarbridge', {str(root / '__init__.py')!r},"
        f" submodule_search_locations=[{str(root)!r}])\n"
        "package = importlib.util.module_from_spec(spec)\n"
        "sys.modules['sarbridge'] = package\n"
        "spec.loader.exec_module(package)\n"
        "from sarbridge.models.card import list_models\n"
        f"print(len(list_models([{str(tmp_path)!r}], 'matching')),"
        " sorted({'torch', 'numpy', 'safetensors', 'qgis'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 []"
