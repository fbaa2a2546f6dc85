"""Complex images whose real and imaginary parts are two bands of one file, as if their samples were complex."""

from dataclasses import replace
from html import escape

import numpy as np
from rasterio import DatasetReader

from ...contract.sources import RasterSource
from .place import has_place
from .raster_sample import RasterSample
from .source_file import open_anywhere

_CENTRED, _ALIKE = 0.1, 0.8
"""Of the deviation, how far the mean of a part lies from 0 at most; the smaller deviation over the larger one."""

_LOPSIDED = 0.2
"""How far the shares of positive and of negative values are apart at most."""


def are_parts(samples: tuple[RasterSample, RasterSample]) -> bool:
    """Return whether two raw samples look like real and imaginary part: about 0 either way, and equally strong."""
    if any(sample.dtype.startswith(("complex", "uint")) for sample in samples):
        return False
    values = [sample.valid_values().astype(np.float64) for sample in samples]
    deviations = [float(each.std()) for each in values]
    are_about_zero = all(
        abs(each.mean()) < _CENTRED * deviation and abs(np.sign(each).mean()) < _LOPSIDED
        for each, deviation in zip(values, deviations)
    )
    return are_about_zero and min(deviations) > _ALIKE * max(deviations)


def as_complex(source: RasterSource) -> RasterSource:
    """Return the two bands of a source as the one band of a complex image, on the same pixels.

    It is a virtual raster, whose XML takes the place of a path. What either band does not know is NaN. Of the source's
    own ranges of no data, single values count, where both parts have them.
    """
    with open_anywhere(source) as dataset:
        place = ""
        if has_place(dataset):
            place = (
                f"<SRS>{escape(source.crs)}</SRS><GeoTransform>{_listed(dataset.transform.to_gdal())}</GeoTransform>"
            )
        parts = "".join(_part(dataset, source.path, band) for band in source.bands)
        xml = (
            f'<VRTDataset rasterXSize="{dataset.width}" rasterYSize="{dataset.height}">{place}'
            '<VRTRasterBand dataType="CFloat32" band="1" subClass="VRTDerivedRasterBand"><NoDataValue>nan</NoDataValue>'
            "<PixelFunctionType>complex</PixelFunctionType><SourceTransferType>Float32</SourceTransferType>"
            f"{parts}</VRTRasterBand></VRTDataset>"
        )
        zeros = [0.0] if all(dataset.nodatavals[band - 1] == 0 for band in source.bands) else []
    powers = [*zeros, *(2 * low**2 for low, high in source.nodata if low == high)]
    declared = tuple((power * (1 - _ROUNDING), power * (1 + _ROUNDING)) for power in powers)
    return replace(source, path=xml, bands=(1,), nodata=declared)


_ROUNDING = 1e-5


def _part(dataset: DatasetReader, path: str, band: int) -> str:
    scale, offset, nodata = (each[band - 1] for each in (dataset.scales, dataset.offsets, dataset.nodatavals))
    unknown = f"<NODATA>{nodata!r}</NODATA>" if nodata else ""  # one part may be 0, both may not
    return (
        f'<ComplexSource><SourceFilename relativeToVRT="0">{escape(path)}</SourceFilename>'
        f"<SourceBand>{band}</SourceBand><ScaleOffset>{offset!r}</ScaleOffset><ScaleRatio>{scale!r}</ScaleRatio>"
        f"{unknown}</ComplexSource>"
    )


def _listed(numbers) -> str:
    return ", ".join(f"{number!r}" for number in numbers)
