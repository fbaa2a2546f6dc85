"""What libraries find in the environment of a process that runs them, unless the user has set it already."""

import os

_DEFAULTS = {
    # Megabytes of blocks that GDAL keeps; its own default grows with the machine.
    "GDAL_CACHEMAX": "128",
    # Threads of OpenMP that wait for each other sleep: spinning, as they do by default, they take the cores that read
    # the next tile and write the last one, and those of whatever else the user runs.
    "OMP_WAIT_POLICY": "PASSIVE",
}


def set_environment() -> None:
    """Set the defaults; to be called before rasterio and torch are imported, which read them once."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
