"""What jobs are made of: paths that hold wherever they are opened from."""

from sarbridge.contract.sources import absolute_path


def test_files_are_found_from_anywhere(tmp_path, monkeypatch):
    (tmp_path / "a.tif").touch()
    monkeypatch.chdir(tmp_path)
    assert absolute_path("a.tif") == str(tmp_path / "a.tif")
    assert absolute_path(str(tmp_path / "a.tif")) == str(tmp_path / "a.tif")


def test_what_is_not_a_file_stays(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("/vsicurl/https://example.org/a.tif", 'NETCDF:"a.nc":Band1', "missing.tif"):
        assert absolute_path(name) == name
