"""What QGIS shows: the plugin object, the settings page, icons and styles."""
