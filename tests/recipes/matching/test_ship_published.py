"""The recipe of the published networks writes a model that matches."""

import json
from functools import partial
from types import SimpleNamespace

import pytest
import rasterio
import torch
from rasterio.transform import Affine
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.matching.training import filter_lesson
from sarbridge.engine.matching.training.matching_lesson import NETWORK
from sarbridge.engine.matching.training.outcomes import Outcomes
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.models.matching.losses import BAD, GOOD
from sarbridge.models.model_file import load_model
from sarbridge.recipes.matching import ship_published as command
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both
from sarbridge.tests.engine.matching.training.transparent_corr_asl import transparent_corr_asl


@pytest.fixture(scope="module")
def sets():
    return [([same_in_both()], 1.0)]


def test_the_command_writes_a_model_that_matches(sets, tmp_path, monkeypatch, capsys):
    output, pair = tmp_path / "models", same_in_both(320, 320)
    monkeypatch.setattr(command, "all_sets", lambda *_: sets)
    monkeypatch.setattr(command, "train", lambda *_: SimpleNamespace(networks={NETWORK: transparent_corr_asl()}))
    outcomes = Outcomes(*(torch.rand(4, side, side) for side in (65, 128, 128)), torch.zeros(4))
    monkeypatch.setattr(command, "corr_asl_outcomes", lambda *_: (outcomes, torch.zeros(4)))
    monkeypatch.setattr(command.tiles, "los_angeles", lambda *_: [same_in_both(320, 320)])
    monkeypatch.setattr(filter_lesson, "BATCH", 4)
    monkeypatch.setattr(filter_lesson, "TOLD", 0)
    labels = torch.tensor([GOOD, BAD] * 2)
    monkeypatch.setattr(filter_lesson, "goodness_labels", lambda *_: labels)
    monkeypatch.setattr(filter_lesson, "orn_labels", lambda *_: labels)
    monkeypatch.setattr("sys.argv", [
        "ship_published", "--data", str(tmp_path), "--work", str(tmp_path / "work"), "--output", str(output),
        "--samples", "16", "--filter-samples", "16",
    ])  # fmt: skip
    command.main()
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    model = output / "corrasl_s1s2.safetensors"
    card, networks = load_model(model, "match")
    assert set(networks) == {"match", "goodness.sar", "goodness.optical", "orn"}
    assert card.validation == printed["validation"]
    assert card.validation["all windows"]["count"] == 4 and card.validation["all windows"]["mean"] <= 2
    assert card.operating_point == {"goodness_threshold": 0.5, "orn_threshold": 0.5}

    sources = []
    for name, values in (("Radar", pair.sar), ("Colours", pair.optical)):
        path, lattice = tmp_path / f"{name}.tif", Affine(10, 0, 5e5, 0, -10, 5e6)
        with rasterio.open(
            path, "w", driver="GTiff", width=320, height=320, count=1, dtype="uint8", crs="EPSG:32633",
            transform=lattice,
        ) as dataset:  # fmt: skip
            dataset.write(values.numpy())
            sources.append(RasterSource(name, str(path), dataset.crs.to_wkt()))
    result = run(
        MatchTiePointsJob(
            *sources, model=str(model), method="corrasl", candidates="grid", spacing=320,
            pixel_size=10.0, orn_threshold=0, outlier_test="none", device="cpu",
        ),
        NullReporter(),
    )  # fmt: skip
    assert result["rows"]
    for row in result["rows"]:
        assert (row["dx_px"], row["dy_px"]) == pytest.approx((0, 0), abs=2)


def test_filters_that_tell_no_better_than_chance_are_left_out(tmp_path, monkeypatch):
    """Images of nothing: as many are good as bad."""
    monkeypatch.setattr(filter_lesson, "BATCH", 4)
    labels = torch.tensor([GOOD, GOOD, BAD, BAD])
    monkeypatch.setattr(filter_lesson, "goodness_labels", lambda *_: labels)
    outcomes = Outcomes(*(torch.zeros(4, side, side) for side in (65, 128, 128)), torch.tensor([0.0, 0.5, 9.0, 9.0]))
    said = []
    told = partial(filter_lesson.corr_asl_filters, outcomes, outcomes.error, device=torch.device("cpu"))
    assert told(work=tmp_path, reporter=Reporter(said.append)) == {}
    left_out = [message["text"].split()[0] for message in said if "is left out" in message.get("text", "")]
    assert left_out == ["goodness.sar", "goodness.optical", "orn"]
    monkeypatch.setattr(filter_lesson, "TOLD", 0)
    assert set(told(work=tmp_path, reporter=NullReporter())) == {"goodness.sar", "goodness.optical", "orn"}


def test_ss_net_has_labels_of_the_share_in_its_name():
    samplers = {name: row.curriculum.sampler for name, row in command.NETWORKS.items() if row.method == "ssnet"}
    assert {name: sampler.keywords["share"] for name, sampler in samplers.items()} == {
        "SSNet": 1.0,
        "SSNet-75": 0.75,
        "SSNet-50": 0.5,
        "SSNet-25": 0.25,
        "SSNet-5": 0.05,
    }


@pytest.mark.parametrize("name", ["CorrA", "PSiam-32", "DeepMatch"])
def test_any_published_network_can_be_taught(name, sets, tmp_path, monkeypatch, capsys):
    """Two steps, a file that loads as the network it says, and scores beside those of cross-correlation."""
    row = command.NETWORKS[name]
    brief = row.curriculum._replace(batch=2, validated=(1, 32))  # one of two tiles has no window
    monkeypatch.setitem(command.NETWORKS, name, row._replace(curriculum=brief, samples=4))
    monkeypatch.setattr(command, "all_sets", lambda *_: sets)
    monkeypatch.setattr(command.tiles, "los_angeles", lambda *_: [same_in_both(320, 320)] * 2)
    monkeypatch.setattr("sys.argv", [
        "ship_published", "--data", str(tmp_path), "--work", str(tmp_path / "work"), "--output", str(tmp_path),
        "--network", name,
    ])  # fmt: skip
    command.main()
    validation = json.loads(capsys.readouterr().out.splitlines()[-1])["validation"]
    assert validation["training samples"] == 4 and "up to 32 px" in validation["set"]
    assert validation["all windows"]["count"] == validation["cross-correlation"]["count"] == 1
    card, networks = load_model(tmp_path / f"{name.lower().replace('-', '_')}_s1s2.safetensors", "match")
    assert card.networks["match"]["arguments"] == row.arguments
    assert isinstance(networks["match"], command.METHODS[row.method].network)
