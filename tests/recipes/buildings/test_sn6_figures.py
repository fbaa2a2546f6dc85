"""Figures of SpaceNet 6 tiles, as they lie on the disk."""

import numpy as np
from matplotlib.image import imsave
from sarbridge.recipes.buildings.sn6_figures import figures


def test_figures_are_read_as_they_are(tmp_path):
    folder = tmp_path / "buildings" / "sn6_sar"
    folder.mkdir(parents=True)
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    images = {"sar": grey, "building": 255 * (grey > 100).astype(np.uint8), "valid": 255 * (grey > 3).astype(np.uint8)}
    for what, image in images.items():
        imsave(folder / f"amiel_1_{what}.png", np.stack([image] * 3, 2))  # with bands, as some images are
    (folder / "index.csv").write_text("name,h,w,m_per_px,source\namiel_1,16,16,1.5,amiel notebook\n")
    [figure] = figures(tmp_path)
    assert (figure.name, figure.source, figure.pixel) == ("amiel_1", "amiel notebook", 1.5)
    np.testing.assert_array_equal(figure.grey, grey)
    np.testing.assert_array_equal(figure.built, grey > 100)
    np.testing.assert_array_equal(figure.known, grey > 3)
