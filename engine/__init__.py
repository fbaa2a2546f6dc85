"""How rasters become results: windows, radiometry, geometry, matching, training. No QGIS in here."""
