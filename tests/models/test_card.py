"""Model cards without torch: files are made by hand, byte by byte."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sarbridge.contract.errors import UserError
from sarbridge.models.card import Card, card_text, list_models, read_card, read_header

SAR = {"bands": 2, "unit": "dB", "range": [-30, 10], "polarisations": ["VV", "VH"]}
CARD = Card(
    name="Roofs from everything",
    task="roofs",
    summary="For tests.",
    networks={
        "encoder": {"class": "Encoder", "arguments": {"widths": [8, 16]}},
        "decoder": {"class": "Decoder", "arguments": {}},
    },
    inputs={
        "sar": SAR,
        "optical": {"bands": 3, "unit": "reflectance", "range": [0, 1], "polarisations": []},
        "dem": {"bands": 1, "unit": "m", "range": None, "polarisations": []},
    },
    outputs={"roofs": {"bands": 1, "unit": "probability", "range": [0, 1], "polarisations": []}},
    tiling={"side": 512, "halo": 96, "step": 32},
    pixel_size_range=(8, 20),
    training_sets=("none",),
    validation={"share_within_1_px": 0.5},
    operating_point={"roof_threshold": 0.5},
    date="2024-05-01",
    licence="GPL-2.0-or-later",
    sha256="ab" * 32,
)

FORMAT_1 = """{"name": "Medium resolution", "task": "match", "summary": "For tests.",
"networks": {"orn": {"class": "OutlierReductionNet", "arguments": {}}},
"sar_input": {"bands": 1, "polarisations": ["VV", "VH"], "unit": "dB", "value_range": [-30, 10]},
"optical_input": {"bands": 1, "polarisations": [], "unit": "grey", "value_range": "any: contrast is normalised"},
"pixel_size_range": [8, 20], "training_sets": ["none"], "validation": {}, "operating_point": {"orn_threshold": 0.6},
"date": "2024-05-01", "licence": "GPL-2.0-or-later", "sha256": "cd"}"""


def write(path, text=None, header=None, tensors=b"\0" * 16):
    """Write a file of the layout that the safetensors format documents; `text` is the card's."""
    if header is None:
        header = json.dumps({"__metadata__": {"card": text or card_text(CARD)}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + tensors)
    return path


def test_round_trip(tmp_path):
    path = write(tmp_path / "a.safetensors")
    assert read_card(path) == CARD
    card, _, start = read_header(path)
    assert card == CARD
    assert path.read_bytes()[start:] == b"\0" * 16


def test_the_text_says_its_format():
    assert json.loads(card_text(CARD)) == json.loads(json.dumps({"format": 2, **asdict(CARD)}))


def test_pixel_sizes_are_told_in_words():
    assert CARD.pixel_sizes == "8 to 20 m" and replace(CARD, pixel_size_range=(0.5, 0.5)).pixel_sizes == "0.5 m"


def test_files_of_format_1_are_read(tmp_path):
    assert read_card(write(tmp_path / "a.safetensors", FORMAT_1)) == Card(
        name="Medium resolution",
        task="match",
        summary="For tests.",
        networks={"orn": {"class": "OutlierReductionNet", "arguments": {}}},
        inputs={
            "sar": {"bands": 1, "unit": "dB", "range": [-30, 10], "polarisations": ["VV", "VH"]},
            "optical": {"bands": 1, "unit": "grey", "range": None, "polarisations": []},
        },
        outputs={},
        tiling={},
        pixel_size_range=(8, 20),
        training_sets=("none",),
        validation={},
        operating_point={"orn_threshold": 0.6},
        date="2024-05-01",
        licence="GPL-2.0-or-later",
        sha256="cd",
    )


def test_files_of_format_1_could_leave_out_what_they_expect(tmp_path):
    values = {**json.loads(FORMAT_1), "sar_input": {}}
    read = read_card(write(tmp_path / "a.safetensors", json.dumps(values))).inputs["sar"]
    assert read == {"bands": 1, "unit": "unknown", "range": None, "polarisations": []}


@pytest.mark.parametrize("change", [{"sar_input": "dB"}, {"inputs": {"sar": SAR}}, {"optical_input": {"bands": 0}}])
def test_files_of_format_1_are_checked_too(tmp_path, change):
    values = {**json.loads(FORMAT_1), **change}
    if "inputs" in change:
        del values["sar_input"]
    with pytest.raises(UserError, match="'sar_input' must be a dict|missing or unknown|bands of input 'optical'"):
        read_card(write(tmp_path / "a.safetensors", json.dumps(values)))


@pytest.mark.parametrize("number", [3, 0, "2", None])
def test_files_of_later_formats_ask_for_an_update(tmp_path, number):
    path = write(tmp_path / "a.safetensors", json.dumps({"format": number, "whatever": "comes"}))
    with pytest.raises(UserError) as error:
        read_card(path)
    assert str(error.value) == (
        f"Model file '{path}' has a card of format {number}, which this version does not know: update the plugin."
    )


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
        ((34).to_bytes(8, "little") + b'{"__metadata__": {"card": "[[]]"}}', "no model card"),
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
        ("networks", {"orn": {"class": "OutlierReductionNet"}}, "network 'orn'"),
        ("networks", {"orn": {"class": 5, "arguments": {}}}, "network 'orn'"),
        ("networks", {"orn": {"class": "OutlierReductionNet", "arguments": []}}, "network 'orn'"),
        ("networks", dict.fromkeys(("goodness", "goodness.sar"), CARD.networks["decoder"]), "beginning of another"),
        ("inputs", [], "'inputs' must be a dict"),
        ("inputs", {"sar": "dB"}, "input 'sar' needs the entries bands, polarisations, range, unit"),
        ("inputs", {"sar": {"bands": 1, "unit": "dB", "range": None}}, "input 'sar' needs the entries"),
        ("inputs", {"sar": {**SAR, "depth": 8}}, "input 'sar' needs the entries"),
        ("inputs", {"sar": {**SAR, "bands": 0}}, "bands of input 'sar'"),
        ("inputs", {"sar": {**SAR, "bands": 1.0}}, "bands of input 'sar'"),
        ("inputs", {"sar": {**SAR, "bands": True}}, "bands of input 'sar'"),
        ("inputs", {"sar": {**SAR, "unit": ""}}, "unit of input 'sar'"),
        ("inputs", {"sar": {**SAR, "unit": 1}}, "unit of input 'sar'"),
        ("inputs", {"sar": {**SAR, "range": [10, -30]}}, "range of input 'sar'"),
        ("inputs", {"sar": {**SAR, "range": [0]}}, "range of input 'sar'"),
        ("inputs", {"sar": {**SAR, "range": "any"}}, "range of input 'sar'"),
        ("inputs", {"sar": {**SAR, "range": [float("nan"), 1]}}, "holds NaN, which is no number"),
        ("inputs", {"sar": {**SAR, "polarisations": "VV"}}, "polarisations of input 'sar'"),
        ("inputs", {"sar": {**SAR, "polarisations": [1]}}, "polarisations of input 'sar'"),
        ("outputs", {"roofs": {**SAR, "bands": 0}}, "bands of output 'roofs'"),
        ("tiling", None, "'tiling' must be a dict"),
        ("tiling", {"side": 512, "halo": 96}, "side, halo and step"),
        ("tiling", {"side": 512.0, "halo": 96, "step": 32}, "side, halo and step"),
        ("tiling", {"side": 500, "halo": 96, "step": 32}, "multiples of the step"),
        ("tiling", {"side": 512, "halo": 100, "step": 32}, "multiples of the step"),
        ("tiling", {"side": 512, "halo": -32, "step": 32}, "multiples of the step"),
        ("tiling", {"side": 512, "halo": 256, "step": 32}, "more than two halos"),
        ("tiling", {"side": 512, "halo": 96, "step": 0}, "multiples of the step"),
        ("pixel_size_range", [20, 8], "pixel_size_range"),
        ("pixel_size_range", [0, 8], "pixel_size_range"),
        ("working_pixel", -1.0, "working_pixel"),
        ("pixel_size_range", [8], "pixel_size_range"),
        ("pixel_size_range", ["8", "20"], "pixel_size_range"),
        ("training_sets", [1], "'training_sets' must be a list of texts"),
        ("operating_point", {"roof_threshold": "0.5"}, "'operating_point' must hold numbers"),
        ("colour", "red", "missing or unknown"),
    ],
)
def test_cards_that_are_not_usable(tmp_path, key, value, cause):
    text = json.dumps({**json.loads(card_text(CARD)), key: value})
    with pytest.raises(UserError, match=cause):
        read_card(write(tmp_path / "c.safetensors", text))


def test_every_entry_is_needed_but_the_hash_and_the_working_pixel(tmp_path):
    for key in asdict(CARD):
        values = json.loads(card_text(CARD))
        del values[key]
        path = write(tmp_path / "c.safetensors", json.dumps(values))
        if key in ("sha256", "working_pixel"):
            assert read_card(path) == replace(CARD, **{key: type(getattr(CARD, key))()})
        else:
            with pytest.raises(UserError, match="missing or unknown"):
                read_card(path)


def test_prefixes_that_only_share_letters_are_allowed():
    network = CARD.networks["decoder"]
    replace(CARD, networks=dict.fromkeys(("match", "matcher", "goodness.sar", "goodness.s"), network))


def test_missing_file(tmp_path):
    with pytest.raises(UserError, match="cannot be opened"):
        read_card(tmp_path / "missing.safetensors")
    with pytest.raises(UserError, match="is no regular file"):
        read_card(tmp_path)
    (tmp_path / "loop.safetensors").symlink_to(tmp_path / "loop.safetensors")
    with pytest.raises(UserError, match="cannot be opened .*symbolic links"):
        read_card(tmp_path / "loop.safetensors")


def test_what_is_no_regular_file_is_left_out_of_the_list(tmp_path):
    """A pipe would never end, and the plugin never load."""
    os.mkfifo(tmp_path / "pipe.safetensors")
    (tmp_path / "dangling.safetensors").symlink_to(tmp_path / "gone")
    (tmp_path / "loop.safetensors").symlink_to(tmp_path / "loop.safetensors")
    (tmp_path / "null.safetensors").symlink_to("/dev/null")
    write(tmp_path / "good.safetensors")
    assert [path.name for path, _ in list_models([tmp_path, tmp_path / "pipe.safetensors"], "roofs")] == [
        "good.safetensors"
    ]


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (card_text(CARD).replace("0.5", "Infinity"), "holds Infinity, which is no number"),
        (card_text(CARD).replace("512", "9" * 400), "a number of 400 digits"),
        (card_text(CARD).replace('"name": "Roofs from everything"', '"name": "a", "name": "b"'), "an entry twice"),
        (card_text(CARD).replace('"Roofs from everything"', "[" * 40 + "]" * 40), "nested too deep"),
        (
            card_text(CARD).replace('"Roofs from everything"', "[" * 100_000 + "]" * 100_000),
            "nested too deep|characters",
        ),
        (card_text(CARD).replace("Roofs", "\\ud800"), "characters that cannot be shown"),
        (card_text(CARD).replace("Roofs", "\\u0007"), "characters that cannot be shown"),
        (card_text(CARD).replace("Roofs", "<b>Roofs</b>"), "'name' must be a line of plain text"),
        (card_text(CARD).replace("Roofs", "x" * 100_000), "a text of "),
        (card_text(replace(CARD, networks={})).replace('"networks": {}', '"networks": 5'), "'networks' must be a dict"),
        (card_text(CARD).replace('"roof_threshold": 0.5', '"roof_threshold": 7'), "numbers from 0 to 1"),
    ],
)
def test_values_of_strangers_are_bounded(tmp_path, text, cause):
    with pytest.raises(UserError, match=cause) as error:
        read_card(write(tmp_path / "a.safetensors", text))
    assert str(error.value).isprintable() and str(tmp_path / "a.safetensors") in str(error.value)


def test_headers_are_bounded(tmp_path):
    path = write(tmp_path / "a.safetensors", header=b" " * 2_000_000)
    with pytest.raises(UserError, match="header of 2000000 bytes is larger than 1000000"):
        read_card(path)


def test_list_of_models(tmp_path):
    zoo, own = tmp_path / "zoo", tmp_path / "own"
    zoo.mkdir(), own.mkdir()
    write(zoo / "1.safetensors", card_text(replace(CARD, name="Zebra", task="match")))
    write(own / "2.safetensors", card_text(replace(CARD, name="Aardvark", task="match")))
    write(own / "3.safetensors", card_text(replace(CARD, name="Buildings")))
    (own / "4.safetensors").write_bytes(b"rubbish")
    write(own / "5.txt", FORMAT_1)
    (own / "6.safetensors").mkdir()
    write(own / "7.safetensors", FORMAT_1)
    write(own / "8.safetensors", card_text(CARD).replace('"format": 2', '"format": 3'))
    models = list_models([zoo, own, tmp_path / "absent"], "match")
    assert [(path.name, card.name) for path, card in models] == [
        ("2.safetensors", "Aardvark"),
        ("7.safetensors", "Medium resolution"),
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
        f"print(len(list_models([{str(tmp_path)!r}], 'roofs')),"
        " sorted({'torch', 'numpy', 'safetensors', 'qgis'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1 []"
