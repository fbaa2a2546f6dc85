"""The Sentinel-1 model for built-up areas: where labels come from, what samples show, and the file that is written."""

import math

import numpy as np
import pytest
import torch
from sarbridge.engine.buildings.methods import check_network, gives_footprints
from sarbridge.engine.training.pair import Pair
from sarbridge.models.buildings.bridge_build import BridgeBuild
from sarbridge.models.folded_unet import REACH as SEEN
from sarbridge.models.model_file import load_model, save_model
from sarbridge.recipes.buildings.built_up_places import (
    BY_EYE,
    REACH,
    SQUARES,
    BuiltUpPlace,
    built_up_share,
    drawn_tiles,
    everywhere_known,
    seen_by_eye,
)
from sarbridge.recipes.buildings.built_up_samples import SIDE, OpticalSamples, PairSamples, coloured_alike
from sarbridge.recipes.buildings.built_up_scoring import answered, seen_by_student, site_scores, with_truth
from sarbridge.recipes.buildings.scoring import Found
from sarbridge.recipes.buildings.ship_built_up import WIDTHS, card_of
from sarbridge.recipes.pairs import los_angeles


def place(side=160, sar_bands=2):
    """A place whose southern half is built up, and brighter in all images; of its west nobody knows."""
    built_up = torch.zeros(1, side, side)
    built_up[:, side // 2 :] = 1
    random = torch.Generator().manual_seed(0)

    def image(bands):
        return (60 + 120 * built_up + 20 * torch.rand((bands, side, side), generator=random)).byte()

    known = torch.ones_like(built_up, dtype=torch.bool)
    known[:, :, : side // 4] = False
    return BuiltUpPlace(Pair("s1s2_sen12/place", image(sar_bands), image(3)), built_up, known)


def generator():
    return torch.Generator().manual_seed(3)


def test_what_lies_near_a_building_is_built_up():
    built = np.zeros((100, 100), bool)
    built[50, 50] = True
    share = built_up_share(built, pixel=4.0, times=2.5)
    assert share.shape == (1, 40, 40) and share.min() >= 0 and share.max() <= 1
    assert share.sum() * 10**2 == pytest.approx(math.pi * REACH**2, rel=0.1)
    assert not built_up_share(np.zeros((100, 100), bool), 4.0, 2.5).any()


def test_a_tile_has_the_rows_that_are_drawn_and_else_its_own():
    rows = drawn_tiles("What this is.\n\nset/1 .\n2 " + "#" * 16 + "\nset/2 #\n")
    assert rows["set/1"] == ["." * 16] * 2 + ["#" * 16] + ["." * 16] * 13
    assert rows["set/2"] == ["#" * 16] * 16


def test_what_is_drawn_is_whole():
    tiles = drawn_tiles(BY_EYE.read_text())
    assert len(tiles) > 50
    assert all(len(row) == SQUARES and set(row) <= set("#.?") for rows in tiles.values() for row in rows)


def test_no_tile_of_the_validation_list_is_drawn(real_data):
    drawn = {each.pair.name for each in seen_by_eye(real_data)}
    assert drawn and not drawn & {pair.name for pair in los_angeles(real_data, "validation")}


def test_colours_do_not_tell_cameras_apart():
    image = torch.rand(3, 32, 32, generator=generator())
    other = image * torch.tensor([0.2, 0.5, 3.0])[:, None, None] + 0.1
    assert torch.allclose(coloured_alike(image), coloured_alike(other), atol=1e-4)


def test_the_teacher_is_shown_what_is_built_up_and_where_that_is_known():
    one, two = (OpticalSamples([([place()], 1.0)]).draw(0, 6, generator()) for _ in range(2))
    assert torch.equal(one.planes, two.planes) and one.planes.shape == (6, 3, SIDE, SIDE)
    brightness, built = one.planes.mean(1, keepdim=True), one.labels > 0.5
    assert (brightness[built].mean() - brightness[~built].mean()).abs() > 1
    unknown = ~one.valid
    assert unknown.any() and one.valid.any()
    assert not (unknown[..., 1:] & one.valid[..., :-1]).any()  # it lies in the west; it is the lesson that turns places


def test_the_student_is_shown_the_radar_image_of_the_same_ground():
    samples = PairSamples([(with_truth(place()), 1.0)]).draw(0, 6, generator())
    assert samples.planes.shape == samples.optical.shape == (6, 3, SIDE, SIDE) and not samples.look_known.any()
    built = samples.labels > 0.5
    for image in (samples.planes[:, :1], samples.optical.mean(1, keepdim=True)):
        for each, part in zip(image, built):
            assert part.all() or not part.any() or each[part].mean() > each[~part].mean() + 0.5


def test_how_bright_a_patch_is_says_nothing():
    samples = PairSamples([(with_truth(place()), 1.0)]).draw(0, 24, generator())
    assert samples.planes[:, 0].mean((1, 2)).std() > 0.3


def test_both_bands_and_their_mean_are_shown():
    flat = everywhere_known(
        Pair("a", torch.tensor([10, 40], dtype=torch.uint8)[:, None, None], torch.zeros(3, 1, 1).byte()),
        torch.ones(1, 1, 1),
    )
    assert [int(pair.sar) for pair in with_truth(flat)] == [10, 40, 20]
    assert all(pair.optical.flatten().tolist() == [0, 0, 0, 255] for pair in with_truth(flat))


def test_answers_cover_images_of_any_size():
    torch.manual_seed(0)
    network, pair = BridgeBuild(widths=WIDTHS), place(side=70).pair
    answer = answered(pair, network).optical
    assert answer.shape == (4, 70, 70) and torch.equal(answer[:3], pair.optical)
    assert seen_by_student(network, pair.sar, is_rendering=True).shape == (70, 70)


def test_where_nothing_is_built_false_alarms_count():
    probability = np.array([[0.2, 0.8], [0.9, 0.1]])
    nothing, something = np.zeros((2, 2), bool), np.array([[False, True], [False, True]])
    known = np.ones((2, 2), bool)
    assert site_scores(Found("a", probability, nothing, known), 0.5) == {"false_alarms": 0.5}
    assert site_scores(Found("a", probability, something, known), 0.5)["iou"] == pytest.approx(1 / 3, abs=1e-3)


def test_the_file_tells_built_up_areas(tmp_path):
    torch.manual_seed(0)
    network, path = BridgeBuild(widths=WIDTHS), tmp_path / "builtup.safetensors"
    save_model(path, card_of(network, 0.4, {}, with_site=False), {"buildings": network})
    card, networks = load_model(path, "buildings")
    check_network(card, networks["buildings"])
    assert not gives_footprints(card) and card.working_pixel == 10 and card.operating_point == {"threshold": 0.4}
    assert card.tiling["halo"] >= SEEN and path.stat().st_size < 3e6
    assert "433D" not in " ".join(card.training_sets)
    assert "433D" in " ".join(card_of(network, 0.4, {}, with_site=True).training_sets)
