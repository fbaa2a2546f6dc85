"""SARbridge: SAR and optical imagery together in QGIS."""


def classFactory(iface):
    """Return the plugin object; QGIS calls this once when it loads the plugin."""
    from .plugin.sarbridge_plugin import SarbridgePlugin

    return SarbridgePlugin(iface)
