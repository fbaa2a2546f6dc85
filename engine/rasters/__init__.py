"""Grids, windows, positions, and reading and writing rasters."""
