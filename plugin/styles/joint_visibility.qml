<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <pipe>
  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
   <rasterTransparency/>
   <colorPalette>
    <paletteEntry value="1" color="#47c8a3" alpha="255" label="Jointly visible"/>
    <paletteEntry value="2" color="#fdde1b" alpha="255" label="Uncertain: façade"/>
    <paletteEntry value="3" color="#cb9042" alpha="255" label="Uncertain: façade layover"/>
    <paletteEntry value="4" color="#816f55" alpha="255" label="Uncertain: other layover"/>
    <paletteEntry value="5" color="#987eea" alpha="255" label="Uncertain: shade of the sun"/>
    <paletteEntry value="6" color="#7f0704" alpha="255" label="Not visible: radar shadow"/>
    <paletteEntry value="7" color="#c0388a" alpha="255" label="Not visible: optical occlusion"/>
    <paletteEntry value="8" color="#44084e" alpha="255" label="Not visible: both causes"/>
   </colorPalette>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
