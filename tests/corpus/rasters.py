"""Rasters that are none, that lie where nothing can lie, or that are odd and must be taken as they are."""

import math
import os
from functools import partial

import numpy as np
from osgeo import gdal
from sarbridge.tests.corpus.case import Case, coregister, distortions, match
from sarbridge.tests.corpus.odd_rasters import PLACE, SIDE, cut, geotiff, masked, renamed, scratched, text, vrt, waves

LEFT, _, _, TOP, _, _ = PLACE
FINE = (LEFT, 1e-4, 0, TOP, 0, -1e-4)
NAN, INF = math.nan, math.inf
NO_MAP = "system of layer 'a' has no places on a map"
MISFIT = "coordinates of layer 'a' do not fit its coordinate reference system"
UNREADABLE = "cannot be read as a raster: the file is missing, damaged or of a format that GDAL does not know"
HOLES = np.where(waves() > 15, NAN, waves())


def as_dem(name, write, **expected):
    """Return the case of a surface model that `write(folder)` writes."""
    return Case(name, lambda at: distortions(at, DEM=write(at)), **expected)


def as_image(name, write, *, of=coregister, **expected):
    """Return the case of an image that is moved, by a shift unless `of` is a partial run of co-registration."""
    return Case(name, lambda at: of(at, INPUT=write(at)), **expected)


def placed(*transform):
    """Return how to write a surface model with another geotransform (GDAL's order), which GeoTIFF could not hold."""

    def write(at):
        geotiff(at / "b.tif")
        return vrt(at / "a.vrt", "b.tif", place=transform)

    return write


def linked(target):
    def write(at):
        (at / "a.tif").symlink_to(target)
        return str(at / "a.tif")

    return write


def folder_called_tif(at):
    (at / "a.tif").mkdir()
    return str(at / "a.tif")


def pipe(at):
    os.mkfifo(at / "a.tif")
    return str(at / "a.tif")


def loop_of_two(at):
    vrt(at / "b.vrt", "a.vrt")
    return vrt(at / "a.vrt", "b.vrt")


STATISTICS = "".join(f'<MDI key="STATISTICS_{what}">1</MDI>' for what in ("MINIMUM", "MAXIMUM", "MEAN", "STDDEV"))
STATISTICS = f"<Metadata>{STATISTICS}</Metadata>"
"""Known beforehand: else QGIS has GDAL write them into the VRT."""


def declared(content):
    """Return how to write a VRT whose XML declares entities."""
    return lambda at: vrt(at / "a.vrt", band=f"{STATISTICS}&c;", before=f"<!DOCTYPE z [{content}]>")


def valid(count):
    return lambda results: results["VALID_CELLS"] == count


def values(of):
    """Return a test of the values, [bands, h, w] or [h, w], of the corrected image."""
    return lambda results: of(gdal.Open(results["OUTPUT"]).ReadAsArray())


def says(of):
    """Return a test of the corrected image, an open dataset."""
    return lambda results: of(gdal.Open(results["OUTPUT"]))


affine = partial(coregister, TRANSFORM="affine")


def referring(at, **hostile):
    """Return a run whose output is a VRT."""
    return coregister(at, OUTPUT=str(at.parent / "out" / "out.vrt"), **hostile)


BOMB = "".join(f'<!ENTITY {name} "{before * 10}">' for name, before in (("a", "ha"), ("b", "&a;"), ("c", "&b;")))
REMOTE = "/vsicurl/http://jane:hunter2@127.0.0.1:9/a.tif"

NO_RASTERS = [
    as_dem("a text", lambda at: text(at / "a.tif"), refused=UNREADABLE),
    as_dem("zero bytes", lambda at: text(at / "a.tif", b""), refused=UNREADABLE),
    as_dem("the head of a TIFF", lambda at: text(at / "a.tif", b"II*\0\x08\0\0\0"), refused=UNREADABLE),
    as_dem("a TIFF that goes on far away", lambda at: text(at / "a.tif", b"II*\0\xff\xff\xff\x7f"), refused=UNREADABLE),
    as_dem("noise after a TIFF's head", lambda at: text(at / "a.tif", b"MM\0*" + bytes(range(256))),
           refused=UNREADABLE),
    as_dem("a folder", folder_called_tif, refused=UNREADABLE),
    as_dem("a path that does not exist", lambda at: str(at / "a.tif"), refused=UNREADABLE),
    as_dem("a link to nothing", linked("nowhere.tif"), refused=UNREADABLE),
    as_dem("a link to itself", linked("a.tif"), refused=UNREADABLE),
    as_dem("a link to a device", linked("/dev/zero"), refused="a pipe or a device is no file"),
    as_dem("a pipe", pipe, refused="a pipe or a device is no file"),
    as_dem("half a file", lambda at: cut(geotiff(at / "a.tif")),
           refused="Layer 'a' cannot be read .*: its file is damaged"),
    as_image("half an image", lambda at: cut(geotiff(at / "a.tif")), refused="Layer 'a' cannot be read"),
    as_image("half an image, warped", lambda at: cut(geotiff(at / "a.tif")), of=affine, refused="'a' cannot be read"),
    as_dem("a damaged block", lambda at: scratched(geotiff(at / "a.tif", options=["COMPRESS=DEFLATE"])),
           refused="Layer 'a' (cannot be read .*: its file is damaged|holds heights from .* nobody sees)"),
    as_image("a scratch, warped", lambda at: scratched(geotiff(at / "a.tif", options=["COMPRESS=LZW"])), of=affine,
             refused="Layer 'a' cannot be read .*: its file is damaged"),
    as_image("a damaged block, to refer to", lambda at: cut(geotiff(at / "a.tif")), of=referring,
             refused="Layer 'a' cannot be read"),
    as_image("nothing to refer to", lambda at: vrt(at / "a.vrt", "b.tif"), of=referring,
             refused="Layer 'a' cannot be read"),
    as_image("itself to refer to", lambda at: vrt(at / "a.vrt", "a.vrt"), of=referring,
             refused="Layer 'a' cannot be read"),
    as_dem("a password for nobody", lambda at: REMOTE,
           refused=r"'/vsicurl/http://\*\*\*@127.0.0.1:9/a.tif' cannot be read"),
]  # fmt: skip

VIRTUAL = [
    as_dem("a VRT of itself", lambda at: vrt(at / "a.vrt", "a.vrt"), refused="Layer 'a' cannot be read"),
    as_image("an image of itself", lambda at: vrt(at / "a.vrt", "a.vrt"), refused="Layer 'a' cannot be read"),
    as_dem("two VRTs of each other", loop_of_two, refused="Layer 'a' cannot be read"),
    as_dem("a VRT of nothing", lambda at: vrt(at / "a.vrt", "b.tif"), refused="Layer 'a' cannot be read"),
    as_dem("a VRT of a text", lambda at: (text(at / "b.tif"), vrt(at / "a.vrt", "b.tif"))[1],
           refused="'a' cannot be read"),
    as_dem("half a VRT", lambda at: cut(vrt(at / "a.vrt")), refused=UNREADABLE),
    as_dem("a VRT without bands", lambda at: text(at / "a.vrt", b'<VRTDataset rasterXSize="9" rasterYSize="9"/>'),
           refused=UNREADABLE),
    as_dem("a VRT of less than nothing", lambda at: vrt(at / "a.vrt", width=-5), refused=UNREADABLE),
    as_image("a billion laughs", declared(BOMB), right=values(lambda them: not them.any())),
    as_image("an entity of a file", declared('<!ENTITY c SYSTEM "file:///etc/passwd">'),
             right=values(lambda them: not them.any())),
    as_dem("the widest raster", lambda at: vrt(at / "a.vrt", width=2**31 - 1, place=FINE),
           refused="2,147,483,647 × 64 pixels, more"),
    as_image("the widest image", lambda at: vrt(at / "a.vrt", width=2**31 - 1), refused="geotransform of layer 'a'"),
    as_dem("the largest raster", lambda at: vrt(at / "a.vrt", width=2**31 - 1, height=2**31 - 1, place=FINE),
           refused="pixels, more than"),
]  # fmt: skip

PLACES = [
    as_dem("a corner of NaN", placed(NAN, 10, 0, TOP, 0, -10), refused="geotransform of layer 'a' .*not finite"),
    as_dem("a pixel of NaN", placed(LEFT, NAN, 0, TOP, 0, -10), refused="geotransform of layer 'a' .*not finite"),
    as_dem("an endless pixel", placed(LEFT, INF, 0, TOP, 0, -10), refused="geotransform of layer 'a' .*not finite"),
    as_dem("a shear of NaN", placed(LEFT, 10, NAN, TOP, 0, -10), refused="geotransform of layer 'a' .*not finite"),
    as_image("an image at infinity", placed(LEFT, 10, 0, INF, 0, -10),
             refused="None of the points .* lies on layer 'a'"),
    as_image("an image of NaN", placed(LEFT, NAN, 0, TOP, 0, -10), refused="None of the points .* lies on layer 'a'"),
    as_dem("pixels without width", placed(LEFT, 0, 0, TOP, 0, -10), refused="Layer 'a' is not georeferenced"),
    as_dem("columns along rows", placed(LEFT, 10, 10, TOP, 10, 10), refused="Layer 'a' is not georeferenced"),
    as_dem("nearly so", placed(LEFT, 10, 10, TOP, 10, 10 + 1e-9), refused="its columns run along its rows"),
    as_dem("pixels of 1e-12", placed(LEFT, 1e-12, 0, TOP, 0, -1e-12), refused="finer than its coordinates can tell"),
    as_dem("pixels of 1e12", placed(LEFT, 1e12, 0, TOP, 0, -1e12), refused="the image reaches as far as 6.4e"),
    as_dem("pixels of 1e200", placed(LEFT, 1e200, 0, TOP, 0, -1e200), refused="the image reaches as far as 6.4e"),
    as_dem("pixels that are lines", placed(LEFT, 1e-2, 0, TOP, 0, -1e6), refused="are lines"),
    as_image("an image of lines", placed(LEFT, 10, 1e7, TOP, 0, -10), of=affine, refused="are lines"),
    Case("an output grid of NaN", lambda at: coregister(at, TARGET=placed(NAN, 10, 0, TOP, 0, -10)(at)),
         refused="geotransform of layer 'a' .*not finite"),
    as_dem("a sheared model", placed(LEFT, 10, 5, TOP, 5, -10), right=valid(SIDE**2)),
    as_dem("a turned model", placed(LEFT, 7, 7, TOP, 7, -7), right=valid(SIDE**2)),
    as_dem("a model with the south on top", placed(LEFT, 10, 0, TOP, 0, 10), right=valid(SIDE**2)),
    as_dem("a mirrored model", placed(LEFT, -10, 0, TOP, 0, -10), right=valid(SIDE**2)),
    as_dem("no CRS", lambda at: geotiff(at / "a.tif", crs=None),
           refused="Layer 'a' has no coordinate reference system"),
    as_dem("degrees beyond the pole", lambda at: geotiff(at / "a.tif", crs=4326, place=(10, 1e-4, 0, 200, 0, -1e-4)),
           refused=MISFIT),
    as_dem("degrees at the pole", lambda at: geotiff(at / "a.tif", crs=4326, place=(10, 1e-4, 0, 89.99, 0, -1e-4)),
           refused="reaches beyond 89 degrees of latitude"),
]  # fmt: skip

SYSTEMS = [
    as_dem("a building site", lambda at: geotiff(at / "a.tif", crs='LOCAL_CS["site",UNIT["metre",1]]'), refused=NO_MAP),
    as_dem("a plant's system", lambda at: geotiff(at / "a.tif", crs=5800),
           refused="Layer 'a' has no coordinate reference system"),
    as_dem("a geocentric system", lambda at: geotiff(at / "a.tif", crs=4978), refused=NO_MAP),
    as_image("a geocentric image", lambda at: geotiff(at / "a.tif", crs=4978), refused="read in EPSG:4978, do not lie"),
    as_dem("a vertical system", lambda at: geotiff(at / "a.tif", crs=5703), refused=NO_MAP),
    as_dem("a northing of 1e9", lambda at: geotiff(at / "a.tif", place=(LEFT, 10, 0, 1e9, 0, -10)), refused=MISFIT),
    as_dem("metres read as degrees", lambda at: geotiff(at / "a.tif", crs=4326), refused=MISFIT),
    as_dem("off the projection", lambda at: geotiff(at / "a.tif", crs=3035, place=(9e8, 10, 0, 9e8, 0, -10)),
           refused=MISFIT),
    as_dem("Web Mercator at the pole", lambda at: geotiff(at / "a.tif", crs=3857, place=(0, 10, 0, 2.0037e7, 0, -10)),
           right=valid(SIDE**2)),
    as_dem("northing before easting", lambda at: geotiff(at / "a.tif", crs=2193, place=(1.6e6, 10, 0, 5.4e6, 0, -10)),
           right=valid(SIDE**2)),
    as_dem("westing and southing", lambda at: geotiff(at / "a.tif", crs=2048, place=(5e3, 10, 0, 3.4e6, 0, -10)),
           right=valid(SIDE**2)),
    as_dem("heights in ells", lambda at: geotiff(at / "a.tif", UnitType="ell"), right=valid(SIDE**2),
           warned="are declared as 'ell', which is no unit that is known here"),
    as_dem("a map in feet", lambda at: geotiff(at / "a.tif", crs=2263, place=(984_250, 30, 0, 2e5, 0, -30)),
           right=valid(SIDE**2), warned="state no unit on a map that counts in 'US survey foot'"),
    as_dem("heights in feet", lambda at: geotiff(at / "a.tif", UnitType="ft"), right=valid(SIDE**2)),
]  # fmt: skip

VALUES = [
    as_dem("no data only", lambda at: geotiff(at / "a.tif", waves() * NAN), refused="Layer 'a' holds only no data"),
    as_dem("infinity only", lambda at: geotiff(at / "a.tif", waves() * -INF), refused="Layer 'a' holds only no data"),
    as_dem("heights of 1e308", lambda at: geotiff(at / "a.tif", waves() * 5e306, gdal.GDT_Float64),
           refused="Layer 'a' holds"),
    as_dem("the largest floats", lambda at: geotiff(at / "a.tif", waves() * 1e37), refused="nobody sees on Earth"),
    as_dem("a scale of NaN", lambda at: geotiff(at / "a.tif", Scale=NAN), refused="Layer 'a' holds only no data"),
    as_dem("an endless offset", lambda at: geotiff(at / "a.tif", Offset=INF), refused="Layer 'a' holds only no data"),
    as_dem("holes of NaN", lambda at: geotiff(at / "a.tif", HOLES), right=valid(np.isfinite(HOLES).sum())),
    as_dem("holes of infinity", lambda at: geotiff(at / "a.tif", np.nan_to_num(HOLES, nan=INF), NoDataValue=INF),
           right=valid(np.isfinite(HOLES).sum())),
    as_dem("no data beyond the type", lambda at: geotiff(at / "a.tif", waves(), gdal.GDT_UInt16, NoDataValue=-9999),
           right=valid(SIDE**2)),
    as_dem("denormal numbers", lambda at: geotiff(at / "a.tif", waves() * 1e-44), right=valid(SIDE**2)),
    as_dem("64 bits, unsigned", lambda at: geotiff(at / "a.tif", waves().astype("uint64"), gdal.GDT_UInt64),
           right=valid(SIDE**2)),
    as_image("64 bits, signed", lambda at: geotiff(at / "a.tif", waves().astype("int64"), gdal.GDT_Int64),
             right=values(lambda them: (them == waves().astype("int64")).all())),
    as_image("8 bits, signed", lambda at: geotiff(at / "a.tif", waves(), gdal.GDT_Byte,
             options=["PIXELTYPE=SIGNEDBYTE"]),
             right=values(lambda them: them.max() == waves().max().round())),
    as_image("complex whole numbers", lambda at: geotiff(at / "a.tif", waves(), gdal.GDT_CInt16),
             right=values(lambda them: (them.real == waves().round()).all())),
    as_image("infinity in an image", lambda at: geotiff(at / "a.tif", np.nan_to_num(HOLES, nan=INF)), of=affine,
             right=values(lambda them: np.isfinite(them).any())),
]  # fmt: skip

SHAPES = [
    Case("one pixel", lambda at: match(at, OPTICAL=geotiff(at / "a.tif", np.ones((1, 1)))),
         refused="'a' is only 1 × 1 pixels"),
    as_dem("one line", lambda at: geotiff(at / "a.tif", waves()[:1]), refused="Layer 'a' is only 64 × 1 pixels"),
    as_dem("one column", lambda at: geotiff(at / "a.tif", waves()[:, :1]), refused="Layer 'a' is only 1 × 64 pixels"),
    as_dem("two by two", lambda at: geotiff(at / "a.tif", waves()[:2, :2]), right=valid(4)),
    as_image("lines as blocks", lambda at: geotiff(at / "a.tif", options=["BLOCKYSIZE=1"]), of=affine,
             right=values(lambda them: np.isfinite(them).any())),
    as_image("a mask inside", lambda at: masked(at / "a.tif", "YES"), right=says(lambda them: them.RasterCount == 1)),
    as_image("a mask beside", lambda at: masked(at / "a.tif", "NO"), right=says(lambda them: them.RasterCount == 1)),
    as_image("a mask, warped", lambda at: masked(at / "a.tif", "YES"), of=affine, right=lambda results: True),
]  # fmt: skip

NAMES = [
    as_dem(f"a name with {what}", lambda at, name=name: renamed(geotiff(at / "x.tif"), name), right=valid(SIDE**2))
    for what, name in {
        "a bar": "a|b.tif",
        "two bars": "a|layername=b|.tif",
        "a line break": "a\nb.tif",
        "letters of all scripts": "ä漢🛰ё.tif",
        "quotes": "a'\"b.tif",
        "percent signs": "a%s%20.tif",
        "markup": "<b>a&amp;.tif",
        "255 characters": "a" * 251 + ".tif",
        "a colon": "a:b.tif",
        "a query": "a#b?c=d.tif",
        "spaces around": " a .tif",
        "a backslash": "a\\b.tif",
        "a driver's prefix": "GPKG:a.tif",
        "a variable": "$HOME.tif",
        "an option's dash": "-a.tif",
        "no suffix": "a",
        "a password": "password=hunter2.tif",
    }.items()
]

CASES = [*NO_RASTERS, *VIRTUAL, *PLACES, *SYSTEMS, *VALUES, *SHAPES, *NAMES]
