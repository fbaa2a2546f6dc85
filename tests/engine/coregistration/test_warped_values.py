"""What a warped image keeps of its values: classes, no data, alpha, masks and excluded ranges."""

import numpy as np
import pytest
import rasterio
import rasterio.shutil
from rasterio.enums import ColorInterp
from sarbridge.engine.coregistration.coregister import run
from sarbridge.engine.reporting import NullReporter, Reporter
from sarbridge.tests.coordinate_images import HEIGHT, WIDTH, job_for, palette_image, source_of, tie_points, write


@pytest.mark.parametrize("kind", ["affine", "polynomial2", "tps"])
def test_classes_are_never_mixed(tmp_path, kind):
    palette_image(tmp_path / "moving.tif")
    messages = []
    job = job_for(tmp_path / "moving.tif", tie_points(kind), tmp_path / "out.tif", kind, resampling="cubic")
    run(job, Reporter(messages.append))
    with rasterio.open(tmp_path / "out.tif") as output:
        assert output.colorinterp[0] == ColorInterp.palette
        assert output.colormap(1)[3] == (3, 252, 7, 255)
        assert set(np.unique(output.read(1))) == {*range(5), 255} and output.nodata == 255
        assert output.count == 1, "an alpha band hides the colours"
        assert output.descriptions[0] == "classes" and output.tags(1)["legend"] == "land cover"
        assert 0 in output.dataset_mask()
    assert any("classes" in message.get("text", "") for message in messages)


@pytest.mark.parametrize(
    "dtype",
    ["uint8", "int8", "uint16", "int16", "uint32", "int32", "int64", "uint64", "float32", "float64", "complex64"],
)
@pytest.mark.parametrize("nodata", [None, 9])
def test_uncovered_pixels_are_no_data_in_every_type(tmp_path, dtype, nodata):
    """A constant image with a hole where it has a no-data value; the share of data must be that of the moved image."""
    values = np.full((2, 200, 200), 100, dtype)
    if nodata is not None:
        values[:, 50:150, 50:150] = nodata
    path = write(tmp_path / "moving.tif", values, nodata=nodata)
    target = write(tmp_path / "target.tif", np.zeros((1, 200, 200), np.uint8))
    points = tie_points("shift") + [0, 0, 500 - 173, -116]  # 50 pixels to the right
    run(job_for(path, points, tmp_path / "out.tif", "affine", target=source_of(target)), NullReporter())
    expected = np.zeros((200, 200), bool)
    expected[:, 50:] = True
    if nodata is not None:
        expected[50:150, 100:200] = False
    with rasterio.open(tmp_path / "out.tif") as output:
        assert output.dtypes[0] == dtype
        assert output.count == (3 if dtype == "uint8" and nodata is None else 2)
        mask = (output.read(3) if output.count == 3 else output.read_masks(1)) > 0
        if np.issubdtype(output.dtypes[0], np.complexfloating):
            mask &= np.isfinite(output.read(1))
        assert (mask == expected).mean() > 0.995
        assert (output.read(1)[expected & mask] == 100).all()


@pytest.mark.parametrize("used, nodata", [(255, 255), (256, None)])
def test_classes_get_the_last_value_that_none_of_them_uses(tmp_path, used, nodata):
    """Where all 256 are used only an alpha band is left."""
    values = np.arange(HEIGHT * WIDTH).reshape(1, HEIGHT, WIDTH) % used
    with rasterio.open(write(tmp_path / "moving.tif", values.astype(np.uint8)), "r+") as dataset:
        dataset.write_colormap(1, {value: (value, 255 - value, 7, 255) for value in range(256)})
    run(job_for(tmp_path / "moving.tif", tie_points("affine"), tmp_path / "out.tif", "affine"), NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        assert (output.nodata, output.count) == (nodata, 1 if nodata else 2)
        assert output.colormap(1)[3] == (3, 252, 7, 255)
        assert 0.7 < (output.dataset_mask() > 0).mean() < 1


@pytest.mark.parametrize("kind, suffix", [("affine", ".tif"), ("shift", ".tif"), ("shift", ".vrt")])
def test_names_of_classes_and_units_scales_and_descriptions_of_bands_are_kept(tmp_path, kind, suffix):
    palette_image(tmp_path / "classes.tif")
    path, output = tmp_path / "moving.vrt", tmp_path / f"out{suffix}"
    with rasterio.open(tmp_path / "classes.tif", "r+") as dataset:
        dataset.scales, dataset.offsets, dataset.units = [0.5], [2.0], ["kind"]
    rasterio.shutil.copy(tmp_path / "classes.tif", path, driver="VRT")
    names = "<CategoryNames><Category>water</Category><Category>wood</Category></CategoryNames>"
    path.write_text(path.read_text().replace("</VRTRasterBand>", f"{names}</VRTRasterBand>"))
    run(job_for(path, tie_points(kind), output, kind), NullReporter())
    said = output if suffix == ".vrt" else tmp_path / "out.tif.aux.xml"
    assert "<Category>wood</Category>" in said.read_text()
    with rasterio.open(output) as dataset:
        assert (dataset.scales, dataset.offsets, dataset.units) == ((0.5,), (2.0,), ("kind",))
        assert dataset.descriptions == ("classes",) and dataset.tags(1)["legend"] == "land cover"
        assert dataset.colormap(1)[3] == (3, 252, 7, 255)


@pytest.mark.parametrize("kind", ["affine", "shift"])
def test_bands_with_no_data_of_their_own_have_it_where_they_had_it(tmp_path, kind):
    """A GeoTIFF has one no-data value for all its bands; a virtual raster one for each."""
    values = np.full((2, HEIGHT, WIDTH), 100, np.int16)
    values[0, :, :300], values[1, :200] = 1, 2
    path = tmp_path / "moving.vrt"
    rasterio.shutil.copy(write(tmp_path / "plain.tif", values), path, driver="VRT")
    first, second = path.read_text().split("</VRTRasterBand>", 1)
    declared = "<NoDataValue>{}</NoDataValue></VRTRasterBand>"
    second = second.replace("</VRTRasterBand>", declared.format(2))
    path.write_text(first + declared.format(1) + second)
    run(job_for(path, tie_points(kind, count=200), tmp_path / "out.tif", kind), NullReporter())
    with rasterio.open(path) as given, rasterio.open(tmp_path / "out.tif") as output:
        for band in (1, 2):
            share = [(dataset.read_masks(band) > 0).sum() / (WIDTH * HEIGHT) for dataset in (given, output)]
            assert share[0] == pytest.approx(share[1], rel=0.35 if kind == "affine" else 0)
            assert set(np.unique(output.read(band)[output.read_masks(band) > 0])) == {100}


def test_alpha_and_mask_travel_with_the_image(tmp_path):
    triangle = np.tri(300, 300) > 0
    rgb = np.full((3, 300, 300), 90, np.uint8)
    with_alpha = write(
        tmp_path / "alpha.tif",
        np.concatenate([rgb, 255 * triangle[None].astype(np.uint8)]),
        photometric="RGB",
        alpha="yes",
    )
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True):
        with_mask = write(tmp_path / "mask.tif", rgb)
        with rasterio.open(with_mask, "r+") as dataset:
            dataset.write_mask(triangle)
    points = tie_points("shift") + [0, 0, 200 - 173, -116]
    for path in (with_alpha, with_mask):
        target = write(tmp_path / "target.tif", np.zeros((1, 300, 300), np.uint8))
        run(job_for(path, points, tmp_path / "out.tif", "affine", target=source_of(target)), NullReporter())
        with rasterio.open(tmp_path / "out.tif") as output:
            assert output.count == 4 and output.colorinterp[3] == ColorInterp.alpha
            covered = output.read(4) > 127
            assert (covered[:, 20:] == triangle[:, :-20]).mean() > 0.99
            assert not covered[:, :20].any()
            assert (output.read(1)[covered] == 90).all()


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32", "complex64"])
def test_value_ranges_that_the_user_excluded_are_not_resampled(tmp_path, dtype):
    values = np.full((1, 100, 100), 4, dtype)
    values[:, :50] = 12  # complex samples are judged by their power, 144
    path = write(tmp_path / "moving.tif", values)
    low, high = (140, 150) if dtype == "complex64" else (11, 13)
    points = tie_points("affine")
    job = job_for(path, points, tmp_path / "out.tif", "affine", moving=source_of(path, nodata=((low, high),)))
    run(job, NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        valid = (output.dataset_mask() > 0) & np.isfinite(output.read(1))
        assert 0.45 < valid.sum() / 10_000 < 0.55
        assert (output.read(1)[valid] == 4).all()


def test_alpha_is_no_value_that_the_user_can_exclude(tmp_path):
    """A black hole, declared as no data, in an image whose alpha band calls it visible."""
    values = np.full((4, 100, 100), 200, np.uint8)
    values[:3, :, :50] = 0
    path = write(tmp_path / "moving.tif", values)
    with rasterio.open(path, "r+") as dataset:
        kinds = ("red", "green", "blue", "alpha")
        dataset.colorinterp = [rasterio.enums.ColorInterp[kind] for kind in kinds]
    source = source_of(path, nodata=((0, 0),))
    run(job_for(path, tie_points("affine"), tmp_path / "out.tif", "affine", moving=source), NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        assert 0.45 < (output.read(4) > 0).mean() < 0.55


def test_excluded_ranges_are_compared_with_scaled_values(tmp_path):
    values = np.full((1, 100, 100), 4, np.uint8)
    values[:, :50] = 12
    path = write(tmp_path / "moving.tif", values)
    with rasterio.open(path, "r+") as dataset:
        dataset.scales, dataset.offsets = (0.5,), (100.0,)
    source = source_of(path, nodata=((105.5, 106.5),))  # 12 in the file
    run(job_for(path, tie_points("affine"), tmp_path / "out.tif", "affine", moving=source), NullReporter())
    with rasterio.open(tmp_path / "out.tif") as output:
        valid = output.dataset_mask() > 0
        assert 0.45 < valid.sum() / 10_000 < 0.55
        assert (output.read(1)[valid] == 4).all()
