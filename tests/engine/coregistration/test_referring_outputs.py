"""What a .vrt output, and a GeoTIFF made through one, says of where its pixels come from."""

import numpy as np
import pytest
import rasterio
from rasterio.rpc import RPC
from sarbridge.contract.errors import UserError
from sarbridge.engine.coregistration.coregister import run
from sarbridge.engine.reporting import NullReporter
from sarbridge.tests.coordinate_images import coordinates, job_for, tie_points, write
from sarbridge.tests.file_server import serving

RATIONAL = RPC(
    height_off=1, height_scale=1, lat_off=1, lat_scale=1, long_off=1, long_scale=1, line_off=1, line_scale=1,
    samp_off=1, samp_scale=1, line_num_coeff=[0, 1] + [0] * 18, line_den_coeff=[1] + [0] * 19,
    samp_num_coeff=[0, 0, 1] + [0] * 17, samp_den_coeff=[1] + [0] * 19,
)  # fmt: skip
OUTPUTS = pytest.mark.parametrize("kind, suffix", [("shift", ".vrt"), ("shift", ".tif"), ("affine", ".tif")])


@pytest.fixture
def server(tmp_path):
    with serving(tmp_path) as address:
        yield address


@OUTPUTS
def test_the_position_that_was_wrong_is_not_kept_in_any_form(tmp_path, kind, suffix):
    path = write(tmp_path / "moving.tif", coordinates())
    with rasterio.open(path, "r+") as dataset:
        dataset.rpcs = RATIONAL
        dataset.update_tags(ns="GEOLOCATION", X_DATASET="a.tif", X_BAND="1")
        dataset.update_tags(sensor="camera")
    output = tmp_path / f"out{suffix}"
    run(job_for(path, tie_points(kind), output, kind), NullReporter())
    with rasterio.open(output) as dataset:
        assert dataset.rpcs is None and not dataset.tags(ns="GEOLOCATION") and not dataset.gcps[0]
        assert dataset.tags()["sensor"] == "camera"


def test_ground_control_points_beside_a_geotransform_are_not_kept(tmp_path):
    path = write(tmp_path / "moving.tif", coordinates())
    inner = tmp_path / "with_points.vrt"
    rasterio.shutil.copy(path, inner, driver="VRT")
    points = "".join(f'<GCP Id="{n}" Pixel="{n}" Line="{n * n}" X="1" Y="{n}"/>' for n in range(4))
    inner.write_text(inner.read_text().replace("</SRS>", f"</SRS><GCPList>{points}</GCPList>"))
    run(job_for(inner, tie_points("shift"), tmp_path / "out.vrt", "shift"), NullReporter())
    assert "GCP" not in (tmp_path / "out.vrt").read_text()


@pytest.mark.parametrize("driver, spelling", [("GPKG", "GPKG:{}:plain"), ("GTiff", "GTIFF_DIR:1:{}")])
def test_a_vrt_beside_a_subdataset_refers_to_it_in_full(tmp_path, driver, spelling):
    """Up to GDAL 3.6 a relative reference to a subdataset was looked for as if all of it were a path."""
    path = tmp_path / {"GPKG": "plain.gpkg", "GTiff": "moving.tif"}[driver]
    values = np.random.default_rng(0).integers(0, 255, (1, 560, 700), np.uint8)
    write(tmp_path / "plain.tif", values)
    rasterio.shutil.copy(tmp_path / "plain.tif", path, driver=driver)
    output = tmp_path / "out.vrt"
    run(job_for(spelling.format(path), tie_points("shift"), output, "shift"), NullReporter())
    text = output.read_text()
    assert 'relativeToVRT="1"' not in text and str(path) in text
    with rasterio.open(output) as dataset:
        assert (dataset.read(1) == values[0]).mean() > 0.9


def test_a_vrt_that_would_tell_the_password_is_refused(tmp_path, server):
    write(tmp_path / "moving.tif", coordinates())
    job = job_for(f"/vsicurl/{server}/moving.tif", tie_points("shift"), tmp_path / "out.vrt", "shift")
    with pytest.raises(UserError, match="is opened with a password or a token, .* end in .tif"):
        run(job, NullReporter())
    assert [path.name for path in tmp_path.iterdir()] == ["moving.tif"]


def test_a_password_in_a_source_is_in_no_output(tmp_path, server):
    write(tmp_path / "moving.tif", coordinates())
    output, report = tmp_path / "out.tif", tmp_path / "report.html"
    job = job_for(f"/vsicurl/{server}/moving.tif", tie_points("affine"), output, "affine", report=str(report))
    run(job, NullReporter())
    for path in (output, report):
        assert b"hunter2" not in path.read_bytes() and b"jane" not in path.read_bytes()
    assert b"127.0.0.1" in report.read_bytes()


@pytest.mark.parametrize("pieces", [0, 1])
@pytest.mark.parametrize("kind", ["shift", "affine"])
def test_a_source_that_the_network_loses_is_a_sentence_without_its_password(tmp_path, kind, pieces):
    values = np.random.default_rng(0).standard_normal((2, 560, 700))
    write(tmp_path / "moving.tif", values, tiled=True, blockxsize=256, blockysize=256)
    with serving(tmp_path, pieces) as address:
        job = job_for(f"/vsicurl/{address}/moving.tif", tie_points(kind), tmp_path / "out.tif", kind)
        with pytest.raises(UserError, match="Layer 'moving' cannot be (opened|read)") as raised:
            run(job, NullReporter())
    assert "hunter2" not in str(raised.value) and [path.name for path in tmp_path.iterdir()] == ["moving.tif"]
