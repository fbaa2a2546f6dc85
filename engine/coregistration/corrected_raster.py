"""Writes a raster under a fitted transform: relocated without touching a pixel, or resampled by GDAL's warper."""

from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from rasterio.enums import ColorInterp, MaskFlags
from rasterio.io import DatasetReader

from ...contract.coregistration_jobs import CORRECTED_FROM, RESAMPLINGS, CoregisterJob
from ...contract.errors import UserError
from ...contract.finished_file import scratch_folder
from ..rasters.gdal_errors import gdal_errors_caught
from ..rasters.grid import Grid, Tiles, Window, check_size
from ..rasters.map_file import BLOCK, TILED, MapWriter
from ..reporting import Reporter
from ..tie_points.transforms import Transform
from .position_lattice import write_lattice
from .virtual_raster import (
    append_validity_band,
    holds_secrets,
    write_class_tables,
    write_relocated,
    write_warped,
)


def write_corrected(
    path: Path, job: CoregisterJob, moving: DatasetReader, grid: Grid, backward: Transform, reporter: Reporter
) -> None:
    """Write the output of `job` to `path`: the opened raster `moving` under the inverse of the `Transform` `backward`.

    A shift on the image's own grid only moves the geotransform (`.vrt`) or copies all pixels as they are (`.tif`);
    everything else is warped onto `grid`. Pixels that the image does not cover become its no-data value, that of the
    first band which has one; without one, classes get a value that none of them uses, other 8-bit images an alpha band,
    others NaN or the extreme value of their type as no data.
    """
    crs, says = job.moving.crs, {CORRECTED_FROM: job.image_name}
    if Path(job.output).suffix.lower() != ".vrt":
        _check_geotiff(job.moving.name, moving, grid)
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=True), scratch_folder(job.output) as folder:
        relocated = folder / "relocated.vrt"
        if job.transform == "shift" and job.target is None:
            transform = ~backward.affine * moving.transform
            if path.suffix.lower() == ".vrt":
                write_relocated(moving, path, transform, crs, says)
                if holds_secrets(path):
                    raise UserError(
                        f"Layer '{job.moving.name}' is opened with a password or a token, which anybody could read in "
                        "a .vrt: let the name of the output end in .tif."
                    )
            else:
                write_relocated(moving, relocated, transform, crs, says)
                with gdal_errors_caught():
                    rasterio.shutil.copy(relocated, path, driver="GTiff", **_creation_options(job, moving))
        else:
            lattice = write_lattice(folder / "lattice.tif", moving, crs, grid, backward)
            if not lattice.covers_source:
                raise UserError(
                    f"The corrected layer '{job.moving.name}' lies wholly outside the target grid: choose another grid."
                )
            write_relocated(moving, relocated, moving.transform, crs, says)
            warped = folder / "warped.vrt"
            _write_warped_vrt(job, moving, grid, lattice, relocated, warped, reporter)
            _copy_in_blocks(warped, path, _creation_options(job, moving), reporter)
            write_class_tables(warped, path)
        reporter.progress(1)


def _check_geotiff(name, moving, grid):
    check_size(grid, f"The corrected layer '{name}'")
    if len(set(moving.dtypes)) > 1:
        raise UserError(
            f"The bands of layer '{name}' have different data types, which a GeoTIFF cannot hold: "
            "convert them to one type, or choose the transform 'shift' with a .vrt output."
        )


def _write_warped_vrt(job, moving, grid, lattice, source_path, path, reporter):
    alpha = moving.colorinterp.index(ColorInterp.alpha) + 1 if ColorInterp.alpha in moving.colorinterp else None
    bands = [band for band in moving.indexes if band != alpha]
    nodata = {band: (moving.nodatavals[band - 1],) * 2 for band in bands}
    source_alpha = alpha
    if job.moving.nodata or (alpha is None and MaskFlags.per_dataset in moving.mask_flag_enums[0]):
        validity = path.with_name("validity.tif")
        _write_validity(job.moving.nodata, moving, bands, validity)
        source_alpha = append_validity_band(source_path, validity)
    declared = [value for value, _ in nodata.values() if value is not None]
    fill = declared[0] if declared else _fill_value(moving)
    if alpha is None and fill is None:
        alpha = moving.count + 1
    if alpha is None:  # one value for all bands: a GeoTIFF has no more
        nodata = {band: (value, fill) for band, (value, _) in nodata.items()}
    alphas = {"source_alpha": source_alpha, "output_alpha": alpha}
    resampling = _resampling(job, moving, reporter)
    write_warped(path, source_path, grid, lattice, resampling=resampling, bands=bands, nodata=nodata, **alphas)


def _resampling(job, moving, reporter):
    if ColorInterp.palette in moving.colorinterp and job.resampling != "nearest":
        reporter.warning(
            f"Layer '{job.moving.name}' holds classes (a colour table), which must not be mixed: "
            f"resampled by {RESAMPLINGS['nearest']} instead of {RESAMPLINGS[job.resampling]}."
        )
        return "nearest"
    return job.resampling


def _fill_value(moving):
    """A no-data value for an image: NaN, or the value at the end of the type's range that images use least.

    None where 8 bits leave no value; of classes the last one that nobody uses, as an alpha band would hide the colours.
    """
    dtype = moving.dtypes[0]
    if dtype == "uint8":
        return _unused_class(moving) if moving.colorinterp == (ColorInterp.palette,) else None
    if dtype.startswith(("float", "complex")):
        return "nan" if dtype != "complex_int16" else -32768
    limits = np.iinfo(dtype)
    if limits.bits == 64:
        return -(2**53) if limits.min < 0 else 2**53  # the largest that GDAL's warper, which computes in doubles, keeps
    return limits.min if limits.min < 0 else limits.max


def _unused_class(moving):
    used = np.zeros(256, bool)
    for window in Tiles(Window(0, 0, moving.width, moving.height)):
        used[np.unique(moving.read(1, window=window.to_rasterio()))] = True
    return None if used.all() else int(np.flatnonzero(~used)[-1])


def _write_validity(excluded_ranges, dataset, bands, path):
    """Write where a raster holds data (255) or not (0): its own mask, less where all `bands` lie in excluded ranges."""
    index = [band - 1 for band in bands]
    scales, offsets = (np.array(of_all)[index, None, None] for of_all in (dataset.scales, dataset.offsets))
    grid = Grid("", dataset.transform, dataset.width, dataset.height)
    with MapWriter(path, grid, "uint8", creation={**TILED, "compress": "lzw"}) as validity:
        for window in Tiles(Window(0, 0, grid.width, grid.height), BLOCK):
            valid = dataset.dataset_mask(window=window.to_rasterio()) > 0
            if excluded_ranges:
                values = dataset.read(bands, window=window.to_rasterio())
                values = np.abs(values) ** 2 if np.iscomplexobj(values) else values
                values = values * scales + offsets  # users see, and exclude, scaled values
                excluded = [(low <= values) & (values <= high) for low, high in excluded_ranges]
                valid &= ~np.any(excluded, axis=0).all(axis=0)
            validity.write(np.uint8(255) * valid, window)


def _creation_options(job, moving):
    options = {**TILED, "num_threads": "all_cpus", "compress": job.compression}
    kind = np.dtype(moving.dtypes[0]).kind if moving.dtypes[0] != "complex_int16" else "c"
    has_odd_bits = "NBITS" in moving.tags(1, ns="IMAGE_STRUCTURE")  # of 11 or 12 bits, say, which no predictor knows
    if job.compression != "none" and kind != "c" and not has_odd_bits and ColorInterp.palette not in moving.colorinterp:
        options["predictor"] = 3 if kind == "f" else 2
    return options


def _copy_in_blocks(warped_path, path, options, reporter):
    """Write a warped VRT as GeoTIFF, with all that belongs to its bands, block by block, telling the progress."""
    with rasterio.open(warped_path) as warped:
        grid = Grid(warped.crs.to_wkt(), warped.transform, warped.width, warped.height)
        with MapWriter(path, grid, warped.dtypes[0], warped.nodata, warped.count, creation=options) as output:
            _copy_what_bands_say(warped, output.dataset)
            windows = Tiles(Window(0, 0, grid.width, grid.height), BLOCK)
            for done, window in enumerate(windows):
                reporter.progress(done / len(windows))
                output.write(warped.read(window=window.to_rasterio()), window)


def _copy_what_bands_say(warped, output):
    output.update_tags(**warped.tags())
    output.colorinterp = warped.colorinterp
    output.scales, output.offsets, output.units = warped.scales, warped.offsets, warped.units
    for band in warped.indexes:
        output.update_tags(band, **warped.tags(band))
        output.set_band_description(band, warped.descriptions[band - 1])
        if warped.colorinterp[band - 1] == ColorInterp.palette:
            output.write_colormap(band, warped.colormap(band))
