"""Complex images whose real and imaginary parts are two bands of one file, as if their samples were complex."""

from dataclasses import replace
from xml.sax.saxutils import escape

import numpy as np

from ...contract.sources import RasterSource
from .place import has_place
from .raster_sample import RasterSample
from .source_file import open_anywhere

_CENTRED, _ALIKE = 0.1, 0.8
"""Of the deviation, how far the mean of a part lies from 0 at most; the smaller deviation over the larger one."""

_HALF = 0.1
"""How far from a half the share of positive values is at most."""


def are_parts(samples: tuple[RasterSample, RasterSample]) -> bool:
    """Return whether two raw samples look like real and imaginary part: about 0 either way, and equally strong."""
    if any(sample.dtype.startswith(("complex", "uint")) for sample in samples):
        return False
    values = [sample.valid_values().astype(np.float64) for sample in samples]
    deviations = [float(each.std()) for each in values]
    are_about_zero = all(
        abs(each.mean()) < _CENTRED * deviation and abs((each > 0).mean() - 0.5) < _HALF
        for each, deviation in zip(values, deviations)
    )
    return are_about_zero and min(deviations) > _ALIKE * max(deviations)


def as_complex(source: RasterSource) -> RasterSource:
    """Return the two bands of a source as the one band of a complex image, on the same pixels.

    It is a virtual raster, whose XML takes the place of a path. What either band does not know is zero in both parts of
    the image, which counts as no data.
    """
    with open_anywhere(source) as dataset:
        place = ""
        if has_place(dataset):
            place = (
                f"<SRS>{escape(source.crs)}</SRS><GeoTransform>{_listed(dataset.transform.to_gdal())}</GeoTransform>"
            )
        nodata = [dataset.nodatavals[band - 1] for band in source.bands]
        width, height = dataset.width, dataset.height
    parts = "".join(_part(source.path, band) for band in source.bands)
    declared = tuple(
        (2 * value**2 * (1 - _ROUNDING), 2 * value**2 * (1 + _ROUNDING)) for value in {*nodata} if value is not None
    )
    xml = (
        f'<VRTDataset rasterXSize="{width}" rasterYSize="{height}">{place}'
        '<VRTRasterBand dataType="CFloat32" band="1" subClass="VRTDerivedRasterBand">'
        "<PixelFunctionType>complex</PixelFunctionType><SourceTransferType>Float32</SourceTransferType>"
        f"{parts}</VRTRasterBand></VRTDataset>"
    )
    return replace(source, path=xml, bands=(1,), nodata=declared)


_ROUNDING = 1e-5


def _part(path: str, band: int) -> str:
    return (
        f'<SimpleSource><SourceFilename relativeToVRT="0">{escape(path)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand></SimpleSource>"
    )


def _listed(numbers) -> str:
    return ", ".join(f"{number!r}" for number in numbers)
