"""Where the pixels of a layer come from in the end: bands of files, whatever spells them or shows them virtually."""

import filecmp
import stat
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from ...contract.markup import parsed
from ..gdal_results import raster_or_none

_DEEPEST = 8
"""Virtual rasters within virtual rasters that are looked into."""

_SOURCES = ("SimpleSource", "ComplexSource", "AveragedSource", "KernelFilteredSource", "PanchroBand", "SpectralBand")

Origins = set[tuple[str, int]]
"""Pairs (image, band); `image` is a path without links, or whatever else GDAL or QGIS opens."""


def origins(text: str, bands: Iterable[int]) -> Origins:
    """Return the origins of some bands of `text`, which GDAL opens; what it cannot open is its own origin."""
    return {origin for band in bands for origin in _origins(text, band, _DEEPEST)}


def shared_origin(one: Origins, other: Origins) -> tuple[str, int]:
    """Return an origin that is in both, as it is or as a copy of its file; ("", 0) when there is none."""
    if one & other:
        return min(one & other)
    alike = defaultdict(list)  # virtual rasters may show thousands of files each
    for image, band in other:
        alike[_size(image), band].append(image)
    for image, band in sorted(one):
        size = _size(image)
        if size is not None and any(_has_same_bytes(image, each) for each in alike[size, band]):
            return image, band
    return "", 0


def _size(text):
    """Return the bytes of a file, None of anything else."""
    try:
        status = Path(text).stat()
    except (OSError, ValueError):
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None


def _has_same_bytes(path, other):
    """Whether two paths lead to one file (hard links), or to two of the same bytes."""
    try:
        return Path(path).samefile(other) or filecmp.cmp(path, other, shallow=False)
    except OSError:
        return False


def _origins(text, band, deepest) -> Iterator[tuple[str, int]]:
    dataset = raster_or_none(text)
    sources = list(_sources(dataset, band)) if dataset and deepest else []
    for source, its_band in sources:
        yield from _origins(source, its_band, deepest - 1)
    if not sources:
        yield _without_links(text, (dataset and dataset.GetFileList()) or []), band


def _without_links(text, files):
    """Return the text with its file, which may be all of it or, of a subdataset, a part, spelled in one way."""
    named = next((file for file in files if file in text), text)
    try:
        return text.replace(named, str(Path(named).resolve(strict=True)))
    except (OSError, ValueError):
        return text  # remote, or in memory


def _sources(dataset, band):
    """Yield (what to open, its band) of each image that a virtual raster shows in a band; nothing for other rasters."""
    markup = dataset.GetMetadata("xml:VRT") if dataset.GetDriver().ShortName == "VRT" else None
    root, folder = parsed(markup[0] if markup else "<none/>"), Path(dataset.GetDescription()).parent
    shown = root.findall(f"VRTRasterBand[@band='{band}']") + root.findall("PansharpeningOptions")
    for source in (each for parent in shown for name in _SOURCES for each in parent.iter(name)):
        number = source.findtext("SourceBand", "1")
        yield _to_open(source.find("SourceFilename"), folder), int(number) if number.isdigit() else 0  # 0: a mask
    for warping in root.findall("GDALWarpOptions"):
        for mapping in warping.iterfind(f"BandList/BandMapping[@dst='{band}']"):
            yield _to_open(warping.find("SourceDataset"), folder), int(mapping.get("src"))


def _to_open(element, folder):
    return str(folder / element.text) if element.get("relativeToVRT") == "1" else element.text
