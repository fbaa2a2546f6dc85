"""The GeoTIFFs that maps become."""

_TILE = 512


def map_profile(grid, dtype, nodata):
    """Return the rasterio profile of a map of one band on a `Grid`: tiles as blocks are written, compressed."""
    return {
        "driver": "GTiff",
        "width": grid.width,
        "height": grid.height,
        "count": 1,
        "dtype": dtype,
        "nodata": nodata,
        "crs": grid.crs,
        "transform": grid.transform,
        "tiled": True,
        "blockxsize": _TILE,
        "blockysize": _TILE,
        "compress": "deflate",
        "predictor": 3 if dtype == "float32" else 1,
        "BIGTIFF": "IF_SAFER",
    }
