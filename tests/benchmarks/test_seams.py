"""The benchmark of seams: none where halos cover what a pixel depends on, and some where tiles are seen as wholes."""

from pathlib import Path

from sarbridge.benchmarks.seams import table
from sarbridge.tests.engine.translation.sar_images import backscatter, write_sar
from sarbridge.tests.toy_translator import write_translator


def test_exact_halos_show_no_seam_and_blended_tiles_do(tmp_path):
    sar = Path(write_sar(tmp_path / "sar.tif", backscatter(130, 150)).path)
    whole_tiles = {"tiling": {"side": 64, "halo": 8, "step": 8}, "polarisations": ["VV"], "name": "Toy of whole tiles"}
    arguments = {"sar_bands": 1, "width": 4, "blocks": 1}
    models = [
        Path(write_translator(tmp_path / "a.safetensors")),
        Path(write_translator(tmp_path / "b.safetensors", "CycleGAN", arguments, **whole_tiles)),
    ]
    _, _, exact, blended = table(sar, ["VV"], models)
    assert exact.startswith("| Toy translator | ") and exact.split(" | ")[1] in "01"
    assert blended.startswith("| Toy of whole tiles | ") and float(blended.split(" | ")[2]) > 0.01
