"""Outputs that must not be written, or that need care."""

import os
import sqlite3
import zipfile
from pathlib import Path

from osgeo import gdal
from qgis.core import QgsRasterLayer
from sarbridge.tests.corpus.case import Case, Run, check, distortions, match

_REPLACED = "would replace the file '.*', from which the input '.*' .* is read: choose another output file"


def _beside(folder, name):
    """Return a path in the empty folder for results."""
    return str(folder.parent / "out" / name)


def _over_itself(make):
    """Return what maps distortions of `make(path of the elevation layer)`, with the elevation layer as output."""

    def made(folder) -> Run:
        run = distortions(folder)
        dem = run.parameters["DEM"]
        return Run("sardistortions", {**run.parameters, "DEM": make(dem), "OUTPUT": dem})

    return made


def _linked(link):
    def made(dem):
        path = Path(dem).with_name("link.tif")
        link(dem, path)
        return str(path)

    return made


def _virtual(*files):
    """Return a function that writes VRTs, each of the one before, and returns the last."""

    def made(dem):
        source = dem
        for file in files:
            path = str(Path(dem).with_name(file))
            gdal.BuildVRT(path, [source.replace(dem, f"GTIFF_DIR:1:{dem}") if file == "part.vrt" else source])
            source = path
        return source

    return made


def _warped(dem):
    path = str(Path(dem).with_name("warped.vrt"))
    gdal.Warp(path, dem, format="VRT", xRes=2, yRes=2)
    return path


def _zipped(folder) -> Run:
    run, archive = distortions(folder), str(folder / "archive.tif")
    with zipfile.ZipFile(archive, "w") as opened:
        opened.write(run.parameters["DEM"], "dem.tif")
    layer = QgsRasterLayer(f"/vsizip/{{{archive}}}/dem.tif", "dem")
    return Run("sardistortions", {**run.parameters, "DEM": layer, "OUTPUT": archive})


def _in_package(folder) -> Run:
    run = match(folder)
    package = str(folder / "images.gpkg")
    gdal.Translate(package, run.parameters["OPTICAL"], format="GPKG", creationOptions=["RASTER_TABLE=optical"])
    return Run("matchtiepoints", {**run.parameters, "OPTICAL": package, "TIE_POINTS": package})


def _other_database(folder) -> Run:
    path = folder / "mine.gpkg"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE mine AS SELECT 1")
    database.close()
    return match(folder, TIE_POINTS=str(path))


def _named(name):
    return lambda folder: distortions(folder, OUTPUT=_beside(folder, name))


def _pipe(folder) -> Run:
    os.mkfifo(folder / "pipe.tif")
    return distortions(folder, OUTPUT=str(folder / "pipe.tif"))


def _orphan(folder) -> Run:
    (folder / "points.dbf").write_text("a table of others")
    return match(folder, TIE_POINTS=str(folder / "points.shp"))


CASES = [
    Case("the elevation layer itself", _over_itself(lambda dem: dem), refused=_REPLACED),
    Case("a symbolic link to it", _over_itself(_linked(lambda dem, path: path.symlink_to(dem))), refused=_REPLACED),
    Case("a hard link to it", _over_itself(_linked(os.link)), refused=_REPLACED),
    Case("dots that lead to it", _over_itself(lambda dem: dem.replace("/in/", "/in/../in/")), refused=_REPLACED),
    Case("a VRT of it", _over_itself(_virtual("a.vrt")), refused=_REPLACED),
    Case("a VRT of a VRT of a VRT of it", _over_itself(_virtual("a.vrt", "b.vrt", "c.vrt")), refused=_REPLACED),
    Case("a VRT of a part of it", _over_itself(_virtual("part.vrt")), refused=_REPLACED),
    Case("a warped VRT of it", _over_itself(_warped), refused=_REPLACED),
    Case("the archive that holds it", _zipped, refused=_REPLACED),
    Case("the GeoPackage that holds the image", _in_package, refused=_REPLACED),
    Case("the database of something else", _other_database, refused="is no GeoPackage to which a layer can be added"),
    Case("a pipe", _pipe, refused=r"\(OUTPUT\): .* cannot be written there"),
    Case("a table of others in place of its own", _orphan, refused="would replace the file '.*points.dbf', which belo"),
    Case("300 characters", _named("n" * 300 + ".tif"), refused="is too long by 57 bytes: choose a shorter one"),
    Case("255 bytes in 130 characters", _named("é" * 125 + "n.tif"), refused="is too long by 8 bytes"),
    Case("a folder that no disk can name", _named("n" * 300 + "/a.tif"), refused="does not exist: create it"),
    Case("NUL", _named("a\0b.tif"), refused="holds characters that no file name should have"),
    Case("a line feed", _named("a\nb.tif"), refused="holds characters that no file name should have"),
    Case("a bar", _named("a|b.tif"), refused=r"holds a \| or"),
    Case("nothing but a suffix", _named(".tif"), refused="has nothing before its suffix"),
    Case("a space behind the suffix", _named("a.tif "), refused="OUTPUT"),
    Case("quotes, signs and brackets", _named("(1) a'\"#?&%=[]{}.tif")),
    Case("a layer called gpkg_", lambda at: match(at, TIE_POINTS=_beside(at, "gpkg_points.gpkg"))),
    Case("a layer that begins with a bracket", lambda at: match(at, TIE_POINTS=_beside(at, "(1) points.gpkg"))),
    Case("a report in a folder that is none", lambda at: check(at, OUTPUT=_beside(at, "no/r.html")), refused="OUTPUT"),
]
