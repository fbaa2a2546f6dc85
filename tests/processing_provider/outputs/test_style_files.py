"""Style files beside outputs: ours are renewed, those of others and those that were changed stay."""

import pytest

pytest.importorskip("qgis.core")

import processing  # noqa: E402
from qgis.core import QgsVectorLayer  # noqa: E402
from sarbridge.processing_provider.outputs.style_files import leave_styles_of_others, write_style  # noqa: E402
from sarbridge.processing_provider.outputs.styles import TIE_POINTS  # noqa: E402
from sarbridge.tests.image_pair import matching  # noqa: E402

pytestmark = pytest.mark.usefixtures("qgis_application")


@pytest.fixture
def write(tmp_path):
    """A function that has a style written for the output of this name, as at the end of a run, and returns its file."""

    def written(*names, style=TIE_POINTS):
        outputs = [(tmp_path / f".new{number}.tif", tmp_path / name) for number, name in enumerate(names)]
        for new, path in outputs:
            write_style(style, new, path)
        leave_styles_of_others(outputs)
        for new, path in outputs:
            if new.with_suffix(".qml").exists():
                new.with_suffix(".qml").replace(path.with_suffix(".qml"))
        return (tmp_path / names[0]).with_suffix(".qml")

    return written


@pytest.fixture
def other(tmp_path):
    path = tmp_path / "other.qml"
    path.write_text("<qgis>another</qgis>\n")
    return path


def test_a_style_of_ours_is_renewed(write, other):
    path = write("a.tif", style=other)
    assert path.read_bytes() != write("a.tif").read_bytes()
    assert path.read_bytes().startswith(TIE_POINTS.read_bytes())


def test_a_style_of_another_output_stays(write, other):
    before = write("a.tif", style=other).read_bytes()
    assert write("a.gpkg").read_bytes() == before


@pytest.mark.parametrize(
    "change", [lambda text: b"mine", lambda text: text.replace(b"another", b"mine"), lambda text: text + b" "]
)
def test_a_style_of_the_user_stays(write, other, change):
    path = write("a.tif", style=other)
    path.write_bytes(change(path.read_bytes()))
    before = path.read_bytes()
    assert write("a.tif").read_bytes() == before


def test_a_link_to_a_style_that_is_away_stays(write, tmp_path):
    (tmp_path / "a.qml").symlink_to(tmp_path / "not mounted" / "a.qml")
    assert write("a.tif").is_symlink()


def test_of_two_outputs_of_a_run_the_first_has_the_style(write, tmp_path):
    before = write("a.tif").read_bytes()
    assert write("a.tif", "a.gpkg").read_bytes() == before
    assert write("b.gpkg", "b.tif").read_bytes() != before
    assert not list(tmp_path.glob(".new*"))


def test_a_run_leaves_the_style_of_the_image_alone(pair, out, engine):
    style = out / "sar.qml"
    style.write_text("the user's style of sar.tif")
    processing.run("sarbridge:matchtiepoints", matching(pair, out, TIE_POINTS=str(out / "sar.gpkg")))
    assert style.read_text() == "the user's style of sar.tif"
    processing.run("sarbridge:matchtiepoints", matching(pair, out, TIE_POINTS=str(out / "points.gpkg")))
    layer = QgsVectorLayer(str(out / "points.gpkg"), "points", "ogr")
    assert layer.renderer().type() == "RuleRenderer"  # read with its signature
