"""The published networks' training: geometry of the samples, Fourier correlation, resuming, and the whole command."""

import json

import pytest
import rasterio
import torch
from rasterio.transform import Affine
from safetensors import safe_open
from sarbridge.contract.matching_jobs import MatchTiePointsJob
from sarbridge.contract.sources import RasterSource
from sarbridge.engine.matching.match_tie_points import run
from sarbridge.engine.matching.training import published_samples, train_published
from sarbridge.engine.matching.training.published_samples import PublishedSampler, sar_range, true_cells
from sarbridge.engine.matching.training.train_filters import Outcomes
from sarbridge.engine.reporting import NullReporter
from sarbridge.models.matching.corr_asl import CorrASL
from sarbridge.models.matching.losses import BAD, GOOD
from sarbridge.models.model_file import load_model
from sarbridge.recipes.matching import ship_published as command
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both
from sarbridge.tests.engine.matching.training.transparent_corr_asl import transparent_corr_asl


@pytest.fixture(scope="module")
def sets():
    return [([same_in_both()], 1.0)]


def test_the_template_lies_where_the_sample_says(sets):
    """The texture is the same in both modalities, so the optical patch can be looked up in the search window."""
    sample = PublishedSampler(sets, seed=2).draw(12)
    assert sample.shift.unique(dim=0).shape == (12, 2) and sample.shift.abs().max() <= 32
    for sar, optical, (right, down) in zip(sample.sar, sample.optical, sample.shift.tolist()):
        assert torch.equal(sar[:, 56 + down : 200 + down, 56 + right : 200 + right], optical.mul(255).round())


def test_true_cells_by_hand():
    shift = torch.tensor([[0, 0], [-32, 32], [1, -1], [3, 5]])
    assert true_cells(shift).tolist() == [[32, 32], [48, 16], [32, 32], [34, 34]]


def test_training_correlates_as_matching_does():
    """Value and gradient of the Fourier transform against the grouped convolution's."""
    torch.manual_seed(3)
    network, results = CorrASL(), []
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.eval()  # the same features in both modes
    sar, optical, weight = torch.randn(2, 1, 96, 96), torch.randn(2, 1, 80, 80), torch.randn(2, 1, 9, 9)
    for training in (True, False):
        network.training = training
        network.zero_grad()
        heat = network(sar, optical)
        (heat * weight).sum().backward()
        results.append((heat.detach(), *(p.grad.clone() for p in network.parameters() if p.grad is not None)))
    assert len(results[0]) > 40
    for fourier, grouped in zip(*results):
        assert (fourier - grouped).norm() <= 1e-3 * grouped.norm() + 1e-3


def test_training_moves_the_weights_and_resumes(sets, tmp_path, monkeypatch):
    checkpoint, losses = tmp_path / "corrasl.safetensors", []
    original = train_published.sample_loss
    monkeypatch.setattr(train_published, "sample_loss", lambda *args: losses.append(original(*args)) or losses[-1])
    arguments = (checkpoint, "CorrAS", (0.0, 255.0))
    torch.manual_seed(1)
    untrained = train_published.new_network("CorrAS")
    trained = train_published.train_corr_asl(sets, 1, *arguments, batch=1)
    assert len(losses) == 1 and losses[0].isfinite()
    for stream in ("sar", "optical"):
        before, after = (getattr(net, stream).levels[0][0].weight for net in (untrained, trained))
        assert 0 < (after - before).abs().max() < 2e-4  # Adam's first step is the rate
    again = train_published.train_corr_asl(sets, 1, *arguments, batch=1)
    assert len(losses) == 1
    assert all(torch.equal(again.state_dict()[name], weight) for name, weight in trained.state_dict().items())
    train_published.train_corr_asl(sets, 2, *arguments, batch=1)
    assert len(losses) == 2
    with safe_open(checkpoint, "pt") as file:
        assert file.metadata()["step"] == "2"


def test_outcomes_of_a_network_that_is_right(sets):
    """A sure, right match is good for the goodness networks; the range of the texture is 128 ± 3 · 32."""
    low, high = sar_range(sets, count=8)
    assert low == pytest.approx(32, abs=16) and high == pytest.approx(224, abs=16)
    outcomes, loss = train_published.collect_outcomes(transparent_corr_asl(), sets, 2, 1, (0.0, 255.0), batch=2)
    assert outcomes.heat.shape == (2, 65, 65) and outcomes.sar.shape == outcomes.optical.shape == (2, 128, 128)
    assert outcomes.error.max() <= 2
    assert loss.shape == (2,) and (loss >= 0).all()


def test_variation_stays_within_its_bounds():
    generator = torch.Generator().manual_seed(0)
    varied = published_samples.vary_patches(torch.ones(400, 1, 32, 32), generator).flatten(1)
    gain = varied.amax(1)
    assert (
        0.7 <= gain.min() < 0.75
        and 1.25 < gain.max() <= 1.3
        and (gain == 1).float().mean() == pytest.approx(0.3, abs=0.07)
    )
    assert 0.01 < (varied == 0).float().mean() < 0.04
    heat = published_samples.vary_heat(torch.ones(8, 1, 129, 129), generator)
    assert heat.shape == (8, 1, 129, 129) and heat.max() <= 1.0001


def test_the_command_writes_a_model_that_matches(sets, tmp_path, monkeypatch, capsys):
    output, pair = tmp_path / "models", same_in_both(320, 320)
    monkeypatch.setattr(command, "all_sets", lambda *_: sets)
    monkeypatch.setattr(command, "train_corr_asl", transparent_corr_asl)
    outcomes = Outcomes(*(torch.rand(4, side, side) for side in (65, 128, 128)), torch.zeros(4))
    monkeypatch.setattr(command, "collect_outcomes", lambda *_: (outcomes, torch.zeros(4)))
    monkeypatch.setattr(command.tiles, "los_angeles", lambda *_: [same_in_both(320, 320)])
    monkeypatch.setattr(train_published, "FILTER_BATCH", 4)
    labels = torch.tensor([GOOD, BAD] * 2)
    monkeypatch.setattr(train_published, "goodness_labels", lambda *_: labels)
    monkeypatch.setattr(train_published, "orn_labels", lambda *_: labels)
    monkeypatch.setattr("sys.argv", [
        "train_published.py", "--data", str(tmp_path), "--work", str(tmp_path / "work"), "--output", str(output),
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
