"""Layers of building footprints in memory."""

import processing
from qgis.core import QgsCoordinateReferenceSystem, QgsFeature, QgsGeometry, QgsVectorLayer

OWN_CRS = "EPSG:32633"


def houses(rectangles, crs=OWN_CRS, geometry="Polygon", heights=None, kind="double"):
    """Return the layer 'houses' of some rectangles in UTM zone 33, brought to `crs`, with heights in the field `h`."""
    layer = QgsVectorLayer(f"{geometry}?crs={OWN_CRS}&field=h:{kind}", "houses", "memory")
    for rectangle, height in zip(rectangles, heights or [None] * len(rectangles)):
        feature = QgsFeature(layer.fields())
        feature.setGeometry(QgsGeometry.fromRect(rectangle))
        feature.setAttributes([height])
        layer.dataProvider().addFeature(feature)
    if crs == OWN_CRS:
        return layer
    moved = {"INPUT": layer, "TARGET_CRS": QgsCoordinateReferenceSystem(crs), "OUTPUT": "memory:"}
    return processing.run("native:reprojectlayer", moved)["OUTPUT"]
