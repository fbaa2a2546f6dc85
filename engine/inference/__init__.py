"""Networks over rasters."""
