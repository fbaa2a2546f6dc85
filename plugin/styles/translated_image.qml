<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <pipe>
  <rasterrenderer type="multibandcolor" redBand="1" greenBand="2" blueBand="3" opacity="1" alphaBand="-1" nodataColor="">
   <rasterTransparency/>
   <minMaxOrigin><limits>None</limits><extent>WholeRaster</extent><statAccuracy>Estimated</statAccuracy></minMaxOrigin>
   <redContrastEnhancement><minValue>0</minValue><maxValue>255</maxValue><algorithm>NoEnhancement</algorithm></redContrastEnhancement>
   <greenContrastEnhancement><minValue>0</minValue><maxValue>255</maxValue><algorithm>NoEnhancement</algorithm></greenContrastEnhancement>
   <blueContrastEnhancement><minValue>0</minValue><maxValue>255</maxValue><algorithm>NoEnhancement</algorithm></blueContrastEnhancement>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
