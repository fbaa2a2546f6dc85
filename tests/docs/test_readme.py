"""The README repeats what the model's card says."""

from sarbridge.contract.installation import PLUGIN_FOLDER, SHIPPED_MODELS
from sarbridge.models.card import read_card


def test_the_figures_are_those_of_the_card():
    readme = (PLUGIN_FOLDER / "README.md").read_text(encoding="utf-8")
    [model] = SHIPPED_MODELS.glob("bridgematch*.safetensors")
    validation = read_card(model).validation
    by_error = "by predicted error"
    for name, row in (
        ("every window", "all windows"),
        (f"{by_error} (offsets up to 16 pixels)", by_error),
        ("after goodness and ORN",) * 2,
    ):
        scores = validation[row]
        kept = f" ({scores['share_kept']} % kept)" if "share_kept" in scores else ""
        within = f"{scores['within_1']:.2f} % | {scores['within_3']:.2f} % | {scores['mean']:.2f} px"
        assert f"| {name} | {within} | {scores['count']}{kept} |" in readme


def test_the_figures_of_the_translator_are_those_of_its_card():
    readme = (PLUGIN_FOLDER / "README.md").read_text(encoding="utf-8")
    validation = read_card(SHIPPED_MODELS / "bridgeview_s1s2.safetensors").validation
    rows = ("ten tiles of eastern Los Angeles, VH", "a town of SEN1-2, VV")
    for row, scores in zip(rows, validation.values()):
        assert f"| {row} | {scores['mse']:.4f} / {scores['ssim']:.3f} |" in readme
