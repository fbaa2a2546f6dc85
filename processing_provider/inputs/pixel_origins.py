"""Where the pixels of a layer come from in the end: bands of files, whatever spells them or shows them virtually."""

import filecmp
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
    for image, band in sorted(one):
        for other_image, other_band in sorted(other):
            if band == other_band and (image == other_image or _are_alike(image, other_image)):
                return image, band
    return "", 0


def _are_alike(path, other):
    """Whether two texts lead to one file (hard links), or to two of the same bytes."""
    one, two = Path(path), Path(other)
    try:
        same_size = one.is_file() and two.is_file() and one.stat().st_size == two.stat().st_size
        return same_size and (one.samefile(two) or filecmp.cmp(one, two, shallow=False))
    except (OSError, ValueError):
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
