"""The benchmark of matching translated images: what is translated is matched, on the windows of the others."""

import numpy as np
import torch
from sarbridge.benchmarks.translate_and_match import rows_of, translation_of
from sarbridge.benchmarks.validation import DEFAULT_MODEL, Set
from sarbridge.engine.training.pair import Pair
from sarbridge.tests.toy_translator import write_translator
from scipy.ndimage import gaussian_filter


def test_all_rows_are_of_the_same_windows(tmp_path):
    smooth = gaussian_filter(np.random.default_rng(0).standard_normal((272, 272)), 3)
    image = np.clip(128 + 40 * smooth / smooth.std(), 1, 255).astype(np.uint8)
    pair = Pair("a", torch.from_numpy(image[None]), torch.from_numpy(np.stack([image] * 3)))
    translator = write_translator(tmp_path / "toy.safetensors")
    with torch.no_grad():
        translated = translation_of(pair, translator)
        rows = dict(rows_of(Set("", [pair], 64, 32, True), translator, DEFAULT_MODEL))
    assert translated.sar.shape == pair.sar.shape and 0 < translated.sar.min() < translated.sar.max() <= 1
    assert not torch.equal(translated.optical, translated.sar) and torch.equal(translated.optical, pair.optical)
    assert [len(errors) for errors in rows.values()] == [1, 1, 1]
    assert rows["NCC, SAR image"][0] < 0.1 < rows["NCC, translated image"][0]
