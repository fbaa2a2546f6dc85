"""Virtual rasters (GDAL's VRT format): a raster under a new geotransform, and a raster seen through GDAL's warper."""

import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Optional, Union

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.io import DatasetReader
from rasterio.transform import Affine

from ...contract.markup import parsed
from ...contract.secrets import without_secrets
from ..rasters.gdal_errors import gdal_errors_caught
from ..rasters.grid import Grid
from .position_lattice import Lattice

NoData = tuple[Optional[float], Union[float, str, None]]
"""No-data values of the source and of the output, which may be "nan"; None where there is none."""

_KEPT_OF_A_BAND = {
    "Description",
    "UnitType",
    "Offset",
    "Scale",
    "CategoryNames",
    "ColorInterp",
    "ColorTable",
    "GDALRasterAttributeTable",
}
_OLD_PLACE = {"GCPList", "GeoTransform", "SRS", "RPC", "GEOLOCATION"}
"""Elements of a VRT, and domains of its metadata, that say where the image lies."""

_RESAMPLINGS = {"nearest": "NearestNeighbour", "bilinear": "Bilinear", "cubic": "Cubic", "lanczos": "Lanczos"}
_LARGEST_BLOCK = 512
_SOURCE_BLOCK = 2048  # source pixels along a side that one block of the output may draw from


def write_relocated(
    dataset: DatasetReader, path: Path, transform: Affine, crs: str, metadata: Mapping[str, str]
) -> None:
    """Write a VRT of an opened raster that lies elsewhere: same pixels, bands, tables and metadata, new position.

    metadata: what is said besides, in the place of what is said by the same names.

    No pixel is read. The path to the pixels is kept relative when they are a file in the VRT's folder or below, else
    absolute. Ground control points, rational polynomials and geolocation arrays go: they tell of the old position.
    """
    with gdal_errors_caught():
        rasterio.shutil.copy(dataset, path, driver="VRT")
    root = _read(path)
    for element in list(root):
        if element.tag in _OLD_PLACE or element.get("domain") in _OLD_PLACE:
            root.remove(element)
    for name in root.iter("SourceFilename"):
        _make_absolute_unless_file(name, path.parent, Path(dataset.name).parent)
    root[:0] = _georeference(transform, crs)
    _set_metadata(root, metadata)
    _write(root, path)


def holds_secrets(path: Path) -> bool:
    """Return whether a VRT refers to pixels with a name, a password or a token."""
    references = (f"{each.get('key')}={each.text}" for each in _read(path).iter() if each.tag != "MDI")
    return any(without_secrets(each) != each for each in references)


def append_validity_band(path: Path, validity_path: Path) -> int:
    """Append band 1 of a raster of the same size to a VRT, as a band of its own; return its number."""
    root = _read(path)
    number = len(root.findall("VRTRasterBand")) + 1
    band = ET.SubElement(root, "VRTRasterBand", dataType="Byte", band=str(number))
    source = ET.SubElement(band, "SimpleSource")
    _add(source, "SourceFilename", Path(validity_path).absolute(), relativeToVRT="0")
    _add(source, "SourceBand", 1)
    _write(root, path)
    return number


def write_warped(
    path: Path,
    source_path: Path,
    grid: Grid,
    lattice: Lattice,
    *,
    resampling: str,
    bands: Sequence[int],
    nodata: Mapping[int, NoData],
    source_alpha: Optional[int],
    output_alpha: Optional[int],
) -> None:
    """Write a VRT that shows the VRT at `source_path` on `grid` through GDAL's warper.

    `lattice` says which source pixel each output pixel shows. `bands` (1-based) are warped; `nodata` holds the
    `NoData` of each of them; alpha bands are numbers, or None.
    """
    source = _read(source_path)
    root = ET.Element(
        "VRTDataset", rasterXSize=str(grid.width), rasterYSize=str(grid.height), subClass="VRTWarpedDataset"
    )
    root.extend(_georeference(grid.transform, grid.crs))
    root.extend(element for element in source.findall("Metadata") if element.get("domain") is None)
    source_bands = {int(band.get("band")): band for band in source.findall("VRTRasterBand")}
    for number in sorted({*bands, *([output_alpha] if output_alpha else [])}):
        root.append(_warped_band(number, source_bands.get(number), nodata.get(number, (None, None))[1]))
        if number == output_alpha and root[-1].find("ColorInterp") is None:
            _add(root[-1], "ColorInterp", "Alpha")
    # A block draws on a bounded part of the source, however much coarser the output is.
    block = int(np.clip(_SOURCE_BLOCK / max(lattice.source_steps) // 16 * 16, 16, _LARGEST_BLOCK))
    _add(root, "BlockXSize", block)
    _add(root, "BlockYSize", block)
    options = ET.SubElement(root, "GDALWarpOptions")
    _add(options, "ResampleAlg", _RESAMPLINGS[resampling])
    warp_options = {
        "INIT_DEST": "0" if output_alpha else "NO_DATA",
        "NUM_THREADS": "ALL_CPUS",
        "SAMPLE_GRID": "YES",  # a transform may reach further into the source inside a block than at its edge
        # Left alone, GDAL guesses the scale block by block and blurs some blocks more than others.
        "XSCALE": 1 / lattice.source_steps[0],
        "YSCALE": 1 / lattice.source_steps[1],
    }
    for name, value in warp_options.items():
        _add(options, "Option", value, name=name)
    _add(options, "SourceDataset", Path(source_path).absolute(), relativeToVRT="0")
    options.append(_transformer(lattice))
    mappings = ET.SubElement(options, "BandList")
    for number in bands:
        mapping = ET.SubElement(mappings, "BandMapping", src=str(number), dst=str(number))
        for side, value in zip(("Src", "Dst"), nodata[number]):
            if value is not None:
                _add(mapping, f"{side}NoDataReal", value)
                _add(mapping, f"{side}NoDataImag", 0)
    for name, number in (("SrcAlphaBand", source_alpha), ("DstAlphaBand", output_alpha)):
        if number:
            _add(options, name, number)
    _write(root, path)


def write_class_tables(vrt_path: Path, path: Path) -> None:
    """Write beside a new GeoTIFF what a VRT says of classes and a GeoTIFF cannot say itself: names, attributes."""
    tables = ET.Element("PAMDataset")
    for band in _read(vrt_path).findall("VRTRasterBand"):
        kept = [child for child in band if child.tag in ("CategoryNames", "GDALRasterAttributeTable")]
        if kept:
            ET.SubElement(tables, "PAMRasterBand", band=band.get("band")).extend(kept)
    if len(tables):
        _write(tables, path.with_name(f"{path.name}.aux.xml"))


def _transformer(lattice):
    """From output pixels to source pixels by the lattice, which GDAL calls a geolocation array of the destination."""
    transformer = ET.Element("Transformer")
    general = ET.SubElement(transformer, "GenImgProjTransformer")
    _add(general, "SrcGeoTransform", "0,1,0,0,0,1")
    _add(general, "SrcInvGeoTransform", "0,1,0,0,0,1")
    located = ET.SubElement(ET.SubElement(general, "DstGeoLocTransformer"), "GeoLocTransformer")
    _add(located, "Reversed", 0)
    metadata = ET.SubElement(located, "Metadata")
    items = {
        "X_DATASET": lattice.path,
        "X_BAND": 1,
        "Y_DATASET": lattice.path,
        "Y_BAND": 2,
        "PIXEL_OFFSET": 0,
        "LINE_OFFSET": 0,
        "PIXEL_STEP": lattice.step,
        "LINE_STEP": lattice.step,
        "GEOREFERENCING_CONVENTION": "TOP_LEFT_CORNER",
    }
    for key, value in items.items():
        _add(metadata, "MDI", value, key=key)
    return transformer


def _warped_band(number, source_band, nodata):
    template = ET.Element("none") if source_band is None else source_band
    data_type = "Byte" if source_band is None else source_band.get("dataType")
    band = ET.Element("VRTRasterBand", dataType=data_type, band=str(number), subClass="VRTWarpedRasterBand")
    if nodata is not None:
        _add(band, "NoDataValue", nodata)
    for child in template:
        if child.tag == "Metadata":
            child = _without_statistics(child)
        if child.tag == "Metadata" or child.tag in _KEPT_OF_A_BAND:
            band.append(child)
    return band


def _without_statistics(metadata):
    """Statistics of the source are not those of its resampled copy."""
    kept = ET.Element("Metadata", metadata.attrib)
    kept.extend(item for item in metadata if not item.get("key", "").startswith("STATISTICS_"))
    return kept


def _set_metadata(root, metadata):
    own = next((element for element in root.findall("Metadata") if element.get("domain") is None), None)
    own = ET.SubElement(root, "Metadata") if own is None else own
    for item in own.findall("MDI"):
        if item.get("key") in metadata:
            own.remove(item)
    for key, text in metadata.items():
        _add(own, "MDI", text, key=key)


def _georeference(transform, crs):
    srs = ET.Element("SRS")
    srs.text = _wkt(crs)
    geotransform = ET.Element("GeoTransform")
    geotransform.text = _numbers(transform)
    return [srs, geotransform]


def _wkt(crs):
    return rasterio.crs.CRS.from_user_input(crs).to_wkt()


def _make_absolute_unless_file(name, folder, origin):
    """GDAL leaves the mask's path relative to the VRT that was copied, whose folder is `origin`.

    Older versions look for a subdataset as if all of its name were a path: they get it whole.
    """
    if name.get("relativeToVRT") == "1" and not (folder / name.text).exists():
        parts = [str(folder / part) if (folder / part).is_file() else part for part in name.text.split(":")]
        name.text = str(origin / name.text) if (origin / name.text).is_file() else ":".join(parts)
        name.set("relativeToVRT", "0")


def _read(path):
    return parsed(path.read_bytes())


def _write(root, path):
    ET.ElementTree(root).write(path, encoding="utf-8")


def _numbers(transform):
    return ",".join(repr(float(value)) for value in transform.to_gdal())


def _add(parent, tag, text, **attributes):
    element = ET.SubElement(parent, tag, **attributes)
    element.text = str(text)
