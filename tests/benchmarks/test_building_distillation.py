"""The benchmark of distillation: its rows, its scenes, and that a run that was cut off goes on."""

import json

import pytest
import torch
from sarbridge.benchmarks import building_distillation, paired_scenes
from sarbridge.benchmarks.building_distillation import Bench, Budget, Result, cell, few_labels, still_falls, table_2
from sarbridge.benchmarks.distillation_rows import CONTESTANTS, ROWS, TABLE_2, Contestant
from sarbridge.benchmarks.paired_scenes import PatchSamples, scenes
from sarbridge.contract.building_training_jobs import ARCHITECTURES
from sarbridge.engine.buildings.training.curricula import CURRICULA, Curriculum
from sarbridge.engine.buildings.training.samples import BuildingSample
from sarbridge.engine.simulation.cities import City
from sarbridge.tests.engine.buildings.training.tiny import Blocks, TinySegmenter

BUDGET = Budget(8, 2, 16)

pytestmark = pytest.mark.usefixtures("one_thread")


def paired(seed):
    """A scene of four radar bands and three colours."""
    sample = Blocks().draw(0, 1, torch.Generator().manual_seed(seed))
    return BuildingSample(
        sample.planes.repeat(1, 4, 1, 1), sample.valid, sample.look_known, sample.labels, sample.optical
    )


@pytest.fixture
def bench(tmp_path, monkeypatch):
    """Ten scenes to learn from, and a tiny network that learns all rows."""
    sets = {"training": [paired(seed) for seed in range(10)], "validation": [paired(10)], "test": [paired(11)]}
    columns = (CONTESTANTS, Contestant(tuple(ROWS))), (CURRICULA, Curriculum(TinySegmenter)), (ARCHITECTURES, "Tiny")
    for table, column in columns:
        monkeypatch.setitem(table, "tiny", column)
    return Bench(tmp_path, sets, BUDGET, torch.device("cpu"))


def kept(bench, kind):
    return {path.stem for path in (bench.folder / "8_2_16" / "tiny_1").glob(f"*.{kind}")}


def test_the_rows_are_those_of_the_document():
    students = [f"{layers}{part}" for layers in ("Mid", "Fin", "M&F", "Int") for part in ("", "+Ft-D", "+Ft-A")]
    assert list(TABLE_2) == ["Optical", "SAR", *students]
    assert all(row.after is None or row.after in ROWS for row in ROWS.values())


def test_all_networks_have_a_column_and_rows_that_there_are():
    assert set(CONTESTANTS) == set(CURRICULA) == set(ARCHITECTURES)
    assert all(set(contestant.rows) <= set(ROWS) for contestant in CONTESTANTS.values())


def test_all_rows_are_taught_and_scored_and_not_again(bench, monkeypatch):
    for row in ROWS:
        bench.run("tiny", 1, row)
    results = bench.results()
    assert all(len(results["tiny", row]) == 1 for row in ROWS) and len(kept(bench, "json")) == len(ROWS)
    assert kept(bench, "safetensors") == {"optical", "mid", "fin", "m_f", "int"}, "what others begin with"
    assert len({bench.result("tiny", 1, row).iou for row in ROWS}) > 1
    monkeypatch.setattr(building_distillation, "train", None)
    for row in ROWS:
        bench.run("tiny", 1, row)
    assert bench.results() == results


def test_a_row_brings_those_that_it_begins_with_and_is_the_same_after_a_cut(bench):
    bench.run("tiny", 1, "Int+Ft-D")
    assert kept(bench, "safetensors") == {"optical", "int"} and kept(bench, "json") == {"int_ft_d"}
    result = bench.result("tiny", 1, "Int+Ft-D")
    (bench.folder / "8_2_16" / "tiny_1" / "int_ft_d.json").unlink()
    bench.run("tiny", 1, "Int+Ft-D")
    assert bench.result("tiny", 1, "Int+Ft-D") == result


def test_few_labels_are_few_scenes_and_pairs_are_many(bench, monkeypatch):
    seen = {}

    class Spy(PatchSamples):
        def __init__(self, scenes, side):
            super().__init__(scenes, side)
            seen[scenes[0].planes.shape[1], scenes[0].optical is None] = len(scenes)
            counts.append(len(scenes))

    counts = []
    monkeypatch.setattr(building_distillation, "PatchSamples", Spy)
    bench.run("tiny", 1, "Int+Ft-A 20 %")
    assert counts == [10, 10, 2], "teacher, pairs, labels"
    assert seen == {(3, True): 10, (4, False): 2}
    bench.run("tiny", 1, "SAR 1 %")
    assert counts[-1] == 1


def test_budgets_do_not_share_results(bench, tmp_path):
    bench.run("tiny", 1, "SAR")
    longer = Bench(tmp_path, bench.sets, BUDGET._replace(steps=9), bench.device)
    assert longer.result("tiny", 1, "SAR") is None and bench.result("tiny", 1, "SAR")
    fields = json.loads((tmp_path / "8_2_16" / "tiny_1" / "sar.json").read_text())
    assert set(fields) == set(Result._fields)


def test_a_loss_that_falls_has_not_converged():
    assert not still_falls({step: {"footprints": 0.5 if step > 5 else 1.0} for step in range(1, 21)})
    assert still_falls({step: {"footprints": 0.5, "borders": 1 / step} for step in range(1, 9)})
    assert not still_falls({step: {"footprints": 1.0 + step} for step in range(1, 9)})
    assert still_falls({step: {"footprints": 1.0 - 0.01 * step} for step in range(1, 21)})


def test_of_turns_the_last_one_decides():
    turns = {step: {"mid": 1 / step} if step < 11 else {"fin": 0.3} for step in range(1, 21)}
    assert not still_falls(turns)
    assert still_falls({**turns, 19: {"fin": 0.2}, 20: {"fin": 0.2}})


def test_tables_show_means_and_what_has_not_converged():
    results = {
        ("bridgebuild", "SAR"): [Result(0.30, 0.4, False), Result(0.40, 0.4, False)],
        ("bridgebuild", "SAR 5 %"): [Result(0.20, 0.4, True)],
        ("bridgebuild", "Int"): [Result(0.10, 0.4, False)],
    }
    assert cell(results, "bridgebuild", "SAR") == "35.0 ± 7.1" and cell(results, "bridgebuild", "SAR 5 %") == "20.0 *"
    header, _, *rows = [line.strip("| ").split(" | ") for line in table_2(results)]
    assert len(rows) == 15 and rows[1][header.index("BridgeBuild")] == "35.0 ± 7.1"
    header, _, *rows = [line.strip("| ").split(" | ") for line in few_labels(results)]
    assert rows[2] == ["BridgeBuild: SAR", "35.0 ± 7.1", "–", "20.0 *", "–", "–"]
    assert rows[3][header.index("0 % labelled")] == "10.0"


@pytest.mark.parametrize("look", [0, 90, 180, 270])
def test_scenes_look_down_the_columns_and_are_kept(look, tmp_path, monkeypatch):
    east, south = torch.meshgrid(torch.arange(8.0), torch.arange(8.0), indexing="xy")
    along = {0: -south, 90: east, 180: south, 270: -east}[look]
    given = City(
        torch.stack([along, 10 + along.square()]), along.int(), along.expand(3, -1, -1), look, 40, ("VV", "HH"), 0.5, ""
    )
    monkeypatch.setattr(paired_scenes, "POLARISATIONS", ("HH", "VV"))
    monkeypatch.setattr(paired_scenes, "city", lambda *_, **__: given)
    [first] = scenes(tmp_path, "test", 1)
    assert first.planes.shape == (1, 2, 8, 8) and first.optical.shape == (1, 3, 8, 8) and first.look_known.all()
    assert (first.planes[0, 1].diff(dim=0) > 0).all() and (first.planes[0, 1].diff(dim=1) == 0).all()
    assert not torch.equal(first.planes[0, 0], first.planes[0, 1])
    assert (first.labels[0, 0].diff(dim=0) == 1).all()
    monkeypatch.setattr(paired_scenes, "city", None)
    [again] = scenes(tmp_path, "test", 1)
    assert torch.equal(again.planes, first.planes) and torch.equal(again.labels, first.labels)


def test_patches_are_cut_alike_out_of_all_images_of_a_scene():
    place = torch.arange(64.0).reshape(1, 1, 8, 8)
    scene = BuildingSample(place, place >= 0, torch.tensor([True]), place + 100, place + 200)
    drawn = PatchSamples([scene], 4).draw(0, 20, torch.Generator().manual_seed(1))
    assert drawn.planes.shape == (20, 1, 4, 4) and drawn.look_known.shape == (20,)
    assert torch.equal(drawn.planes + 100, drawn.labels) and torch.equal(drawn.planes + 200, drawn.optical)
    corners = drawn.planes[:, 0, 0, 0]
    assert {0, 4} <= set((corners % 8).tolist()) and len(set(corners.tolist())) > 8, "up to the last row and column"
