"""The tables of the published matchers: files get their own matchers, and rows count what they say."""

import numpy as np
import pytest
import torch
from sarbridge.benchmarks import published_matchers
from sarbridge.benchmarks.validation import Contestant
from sarbridge.engine.matching.bridge_matcher import BridgeMatcher
from sarbridge.engine.matching.classical import NccMatcher
from sarbridge.engine.matching.corr_asl_matcher import CorrAslMatcher
from sarbridge.engine.matching.deep_match_matcher import DeepMatchMatcher
from sarbridge.engine.matching.psiam_matcher import RefinedPSiamMatcher
from sarbridge.engine.matching.ss_net_matcher import SsNetMatcher
from sarbridge.engine.matching.training.evaluation import planted_windows
from sarbridge.engine.matching.training.operating_point import JudgedWindows
from sarbridge.models.matching.bridge_match import BridgeMatch
from sarbridge.models.matching.corr_asl import CorrASL
from sarbridge.models.matching.deep_match import DeepMatch
from sarbridge.models.matching.goodness import GoodnessNet
from sarbridge.models.matching.orn import OutlierReductionNet
from sarbridge.models.matching.psiam import PSiam
from sarbridge.models.matching.ss_net import SSNet
from sarbridge.models.model_file import load_model, save_model
from sarbridge.models.networks import network_entries
from sarbridge.tests.engine.matching.training.training_tiles import same_in_both
from sarbridge.tests.model_cards import card_with


def written(folder, networks, arguments):
    """A loaded model file of networks {prefix: module}, made with arguments {prefix: dict}, on 8-bit grey values."""
    card = card_with(
        networks=network_entries(networks, arguments),
        inputs={"sar": {"bands": 1, "unit": "8-bit rendering", "range": [0, 255], "polarisations": []}},
        operating_point={"goodness_threshold": 0.5, "orn_threshold": 0.5},
    )
    save_model(folder / "model.safetensors", card, networks)
    return load_model(folder / "model.safetensors", "match")


@pytest.mark.parametrize(
    ("network", "matcher", "arguments"),
    [
        (PSiam(32), RefinedPSiamMatcher, {"side": 32}),
        (DeepMatch(), DeepMatchMatcher, {}),
        (CorrASL(), CorrAslMatcher, {}),
        (SSNet(), SsNetMatcher, {}),
        (BridgeMatch(), BridgeMatcher, {}),
    ],
)
def test_a_file_gets_the_matcher_of_its_network(network, matcher, arguments, tmp_path):
    contestant = published_matchers.contestant(*written(tmp_path, {"match": network}, {"match": arguments}))
    assert type(contestant.matcher) is matcher and contestant.name == "Toy"


def test_the_published_network_gets_its_own_window_and_the_offsets_of_the_others(tmp_path):
    model = written(tmp_path, {"match": CorrASL(attention=False)}, {"match": {"attention": False}})
    contestant, asked = published_matchers.contestant(*model), []
    assert contestant.matcher.sar_range == [0, 255]
    ((dx, dy),) = planted_windows(256, 256).truths.tolist()

    def heat(templates, searches):
        asked.append(searches.shape)
        whole = torch.zeros(1, 129, 129)
        whole[0, 64 + dy, 64 + dx] = 1
        whole[0, 0, 0] = 2  # out of reach of the others
        return whole

    contestant.matcher.heat = heat
    *_, row = published_matchers.accuracy([contestant], [same_in_both(256, 256)], 300, 32)
    assert asked == [(1, 1, 256, 256)] and row == "| Toy | 100.0 | 100.0 | 0.00 | 0.00 | 1 | – | – | – |"


def test_figures_stand_beside_those_that_were_published():
    contestants = [Contestant(name, NccMatcher()) for name in ("NCC", "CorrASL Sentinel-1/2", "SSNet-25 Sentinel-1/2")]
    head, rule, *rows = published_matchers.accuracy(contestants, [same_in_both(320, 320)], 3, 32)
    assert head.count("|") == rule.count("|") == rows[0].count("|")
    assert rows[0].startswith("| NCC | 100.0 | 100.0 | 0.") and rows[0].endswith("| 3 | 8.2 | 7.85 | 6.81 |")
    assert rows[1].endswith("| 46.9 | 2.1 | 2.62 |") and rows[2].endswith("| 7.6 | 19.67 | 12.55 |")


def test_candidates_are_chosen_by_either_network_or_both_and_matches_by_the_orn():
    windows = JudgedWindows(
        error=np.array([0.5, 0.5, 5.0, 5.0]),
        sar=np.array([0.9, 0.9, 0.9, 0.1]),
        optical=np.array([0.9, 0.1, 0.9, 0.1]),
        score=np.array([0.9, 0.9, 0.1, 0.9]),
    )
    card = card_with(name="CorrASL", operating_point={"goodness_threshold": 0.5, "orn_threshold": 0.5})
    _, _, *rows = published_matchers.chosen(card, windows)
    shares = {row.split("|")[1].strip(): [cell.strip() for cell in row.split("|")[2:6]] for row in rows}
    assert shares["all"] == ["50.0", "50.0", "2.75", "100.0"]
    assert shares["SAR"] == ["66.7", "66.7", "2.00", "75.0"] == shares["max"]
    assert shares["optical"] == ["50.0", "50.0", "2.75", "50.0"] == shares["min"]
    assert shares["all, and ORN"] == ["66.7", "66.7", "2.00", "75.0"]
    assert shares["min, and ORN"] == ["100.0", "100.0", "0.50", "25.0"]
    assert rows[0].endswith("| 54.5 |") and rows[-1].endswith("| 65.2 |")


def test_no_window_is_left_by_a_threshold_that_nothing_reaches():
    windows = JudgedWindows(*np.zeros((4, 3)))
    _, _, *rows = published_matchers.chosen(
        card_with(operating_point={"goodness_threshold": 0.5, "orn_threshold": 0.5}), windows
    )
    assert rows[1] == "| SAR | – | – | – | 0.0 | – |"


def test_the_networks_of_a_file_judge_windows_of_pairs(tmp_path):
    torch.manual_seed(0)
    networks = {"match": BridgeMatch(widths=[8, 8, 8], features=4), "orn": OutlierReductionNet()}
    networks |= {"goodness.sar": GoodnessNet(), "goodness.optical": GoodnessNet()}
    model = written(tmp_path, networks, {"match": {"widths": [8, 8, 8], "features": 4}})
    judged = published_matchers.judged(*model, [same_in_both(384, 384)])
    assert len(judged.error) and [len(part) for part in judged] == [len(judged.error)] * 4
