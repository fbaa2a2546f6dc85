"""The report about the engine, and the trial tile."""

import json
import os
import sys
from importlib import metadata

import pytest
import torch
from sarbridge.contract.engine_jobs import CheckEngineJob
from sarbridge.contract.errors import UserError
from sarbridge.contract.installation import NEEDED_MODULES
from sarbridge.engine import check_engine as check
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.models.model_file import save_model
from sarbridge.models.networks import network_entries
from sarbridge.tests.model_cards import card_with
from torch import nn


def test_versions_are_those_of_the_installed_packages():
    versions = check.run(CheckEngineJob(device="cpu"), NullReporter())["versions"]
    for package in set(NEEDED_MODULES.values()) - {"torch"}:
        assert versions[package] == metadata.version(package)
    assert versions["torch"].split("+")[0] == metadata.version("torch").split("+")[0]
    assert versions["GDAL"] and versions["PROJ"] and versions["Python"]


def test_the_report_crosses_the_pipe_and_is_complete():
    sent = []
    values = check.run(CheckEngineJob(), Reporter(sent.append))
    assert json.loads(json.dumps(values)) == values
    assert 1 <= values["threads"] <= os.cpu_count()
    assert sent[0]["text"] == f"Device: {values['device']} ({values['device_reason']})."
    assert sent[-1] == {"kind": "progress", "fraction": 1.0}
    assert len(values["gpus"]) == torch.cuda.device_count()


def test_the_trial_agrees_with_double_precision_and_takes_time():
    trial = check.run_trial(torch.device("cpu"))
    assert trial["agrees"]
    assert 0 < trial["largest_difference"] < 1e-4, "float32 is near float64, but not the same"
    assert trial["milliseconds"] > 0


@pytest.mark.parametrize("wrong", [lambda result: result * 1.1, lambda result: result * torch.nan])
def test_a_device_that_computes_wrong_results_is_found_out(monkeypatch, wrong):
    forward = nn.Conv2d.forward

    def wrong_in_float32(layer, values):
        result = forward(layer, values)
        return wrong(result) if result.dtype == torch.float32 else result

    monkeypatch.setattr(nn.Conv2d, "forward", wrong_in_float32)
    sent = []
    values = check.run(CheckEngineJob(device="cpu"), Reporter(sent.append))
    assert not values["trial"]["agrees"]
    assert any(message.get("level") == "warning" for message in sent)


@pytest.mark.parametrize(
    ("prefix", "pin", "warned"),
    [("an environment", "1000.0", True), ("an environment", "0.1", False), ("/usr", "1000.0", False)],
)
def test_only_an_environment_that_is_too_old_is_warned_of(monkeypatch, tmp_path, prefix, pin, warned):
    """Something newer is only said; a Python of the system's has the versions that it has."""
    for name in ("REQUIREMENTS", "CONSTRAINTS"):
        monkeypatch.setattr(check, name, tmp_path / name)
        (tmp_path / name).write_text(f"{'scipy' if name == 'REQUIREMENTS' else 'affine'}=={pin}\n")
    monkeypatch.setattr(sys, "prefix", prefix)
    monkeypatch.setattr(sys, "base_prefix", "/usr")
    sent = []
    values = check.run(CheckEngineJob(device="cpu"), Reporter(sent.append))
    scipy, affine = (f"{package} {metadata.version(package)} (pinned {pin})" for package in ("scipy", "affine"))
    assert values["differing_packages"] == [scipy, affine]
    assert values["is_environment"] == (prefix != "/usr")
    warnings = [message["text"] for message in sent if message.get("level") == "warning"]
    assert len(warnings) == warned and all(scipy in text and affine not in text for text in warnings)


def test_a_device_that_does_not_exist():
    with pytest.raises(UserError, match="cuda:64"):
        check.run(CheckEngineJob(device="cuda:64"), NullReporter())


def test_a_model_is_loaded(tmp_path):
    network = BridgeMatch()
    card = card_with(name="Untrained", networks=network_entries({"match": network}))
    path = tmp_path / "untrained.safetensors"
    save_model(path, card, {"match": network})
    values = check.run(CheckEngineJob(device="cpu", model=str(path)), NullReporter())
    assert values["model"] == {"name": "Untrained", "task": "match", "networks": "match"}


def test_a_damaged_model_is_the_users_error(tmp_path):
    path = tmp_path / "damaged.safetensors"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(UserError, match="damaged"):
        check.run(CheckEngineJob(device="cpu", model=str(path)), NullReporter())
