"""Virtual rasters (GDAL's VRT format): a raster under a new geotransform, and a raster seen through GDAL's warper."""

import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
import rasterio.warp

WARP_TOLERANCE = 0.05
"""Source pixels by which GDAL's approximation of the transform between exact positions along a row may be off."""

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
_RESAMPLINGS = {"nearest": "NearestNeighbour", "bilinear": "Bilinear", "cubic": "Cubic", "lanczos": "Lanczos"}
_LARGEST_BLOCK = 512
_SOURCE_BLOCK = 2048  # source pixels along a side that one block of the output may draw from


def write_relocated(dataset, path, transform, crs):
    """Write a VRT of an opened raster that lies elsewhere: same pixels, bands, tables and metadata, new position.

    No pixel is read. The path to the pixels is kept relative when they lie in the VRT's folder or below, else absolute.
    """
    rasterio.shutil.copy(dataset, path, driver="VRT")
    tree = ET.parse(path)
    root = tree.getroot()
    for outdated in ("GCPList", "GeoTransform", "SRS"):
        for element in root.findall(outdated):
            root.remove(element)
    root[:0] = _georeference(transform, crs)
    tree.write(path)


def append_validity_band(path, validity_path):
    """Append band 1 of a raster of the same size to a VRT, as a band of its own; return its number."""
    tree = ET.parse(path)
    root = tree.getroot()
    number = len(root.findall("VRTRasterBand")) + 1
    band = ET.SubElement(root, "VRTRasterBand", dataType="Byte", band=str(number))
    source = ET.SubElement(band, "SimpleSource")
    _add(source, "SourceFilename", Path(validity_path).absolute(), relativeToVRT="0")
    _add(source, "SourceBand", 1)
    tree.write(path)
    return number


def write_warped(
    path, source_path, grid, crs, *, control_points, resampling, bands, nodata, source_alpha, output_alpha
):
    """Write a VRT that shows the VRT at `source_path`, whose CRS is `crs`, on `grid` through GDAL's warper.

    Without `control_points` the source lies where its geotransform says. Else they say it: (kind polynomial2 or tps,
    pixels [n, 2], positions in `crs` [n, 2]); GDAL fits the kind from positions to pixels as `transforms.fit` does.
    `bands` (1-based) are warped; `nodata` holds (of the source, of the output) for each of them, None where there is
    none; alpha bands are numbers, or None.
    """
    source = ET.parse(source_path).getroot()
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
    block = _block_size(source, grid, crs)
    _add(root, "BlockXSize", block)
    _add(root, "BlockYSize", block)
    options = ET.SubElement(root, "GDALWarpOptions")
    _add(options, "ResampleAlg", _RESAMPLINGS[resampling])
    _add(options, "Option", "0" if output_alpha else "NO_DATA", name="INIT_DEST")
    _add(options, "Option", "ALL_CPUS", name="NUM_THREADS")
    _add(options, "SourceDataset", Path(source_path).absolute(), relativeToVRT="0")
    options.append(_transformer(source, grid, crs, control_points))
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
    ET.ElementTree(root).write(path)


def _transformer(source, grid, crs, control_points):
    """From output pixels over the two CRS to source pixels, the way GDAL serialises it."""
    transformer = ET.Element("Transformer")
    approximate = ET.SubElement(transformer, "ApproxTransformer")
    _add(approximate, "MaxError", WARP_TOLERANCE)
    general = ET.SubElement(ET.SubElement(approximate, "BaseTransformer"), "GenImgProjTransformer")
    if control_points is None:
        transform = rasterio.Affine.from_gdal(*map(float, source.findtext("GeoTransform").split(",")))
        _add(general, "SrcGeoTransform", _numbers(transform))
        _add(general, "SrcInvGeoTransform", _numbers(~transform))
    else:
        _add_control_points(general, *control_points)
    _add(general, "DstGeoTransform", _numbers(grid.transform))
    _add(general, "DstInvGeoTransform", _numbers(~grid.transform))
    if rasterio.crs.CRS.from_user_input(grid.crs) != rasterio.crs.CRS.from_user_input(crs):
        reprojection = ET.SubElement(ET.SubElement(general, "ReprojectTransformer"), "ReprojectionTransformer")
        _add(reprojection, "SourceSRS", _wkt(crs))
        _add(reprojection, "TargetSRS", _wkt(grid.crs))
    return transformer


def _add_control_points(parent, kind, pixels, positions):
    name = {"tps": "TPSTransformer", "polynomial2": "GCPTransformer"}[kind]
    transformer = ET.SubElement(ET.SubElement(parent, f"Src{name}"), name)
    if kind == "polynomial2":
        _add(transformer, "Order", 2)
    _add(transformer, "Reversed", 0)
    points = ET.SubElement(transformer, "GCPList")
    for pixel, position in zip(np.asarray(pixels).tolist(), np.asarray(positions).tolist()):
        values = zip(("Pixel", "Line", "X", "Y"), (*pixel, *position))
        ET.SubElement(points, "GCP", Id="", **{key: repr(value) for key, value in values})


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


def _block_size(source, grid, crs):
    """Side of the output's blocks: a block draws on a bounded part of the source, however coarse the output is."""
    transform = rasterio.Affine.from_gdal(*map(float, source.findtext("GeoTransform").split(",")))
    width, height = int(source.get("rasterXSize")), int(source.get("rasterYSize"))
    middle = [transform * (width / 2 + col, height / 2 + row) for col, row in ((0, 0), (1, 0), (0, 1))]
    xs, ys = rasterio.warp.transform(crs, grid.crs, *zip(*middle))
    cols, rows = zip(*(~grid.transform * position for position in zip(xs, ys)))
    shortest = min(np.hypot(cols[i] - cols[0], rows[i] - rows[0]) for i in (1, 2))
    return int(np.clip(_SOURCE_BLOCK * shortest // 16 * 16, 16, _LARGEST_BLOCK))


def _georeference(transform, crs):
    srs = ET.Element("SRS")
    srs.text = _wkt(crs)
    geotransform = ET.Element("GeoTransform")
    geotransform.text = _numbers(transform)
    return [srs, geotransform]


def _wkt(crs):
    return rasterio.crs.CRS.from_user_input(crs).to_wkt()


def _numbers(transform):
    return ",".join(repr(float(value)) for value in transform.to_gdal())


def _add(parent, tag, text, **attributes):
    element = ET.SubElement(parent, tag, **attributes)
    element.text = str(text)
