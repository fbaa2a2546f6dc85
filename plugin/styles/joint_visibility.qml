<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <pipe>
  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
   <rasterTransparency/>
   <colorPalette>
    <paletteEntry value="1" color="#78ab78" alpha="255" label="Jointly visible"/>
    <paletteEntry value="2" color="#f4c430" alpha="255" label="Uncertain: façade"/>
    <paletteEntry value="3" color="#ffec8b" alpha="255" label="Uncertain: façade layover"/>
    <paletteEntry value="4" color="#d6a86c" alpha="255" label="Uncertain: layover of terrain or trees"/>
    <paletteEntry value="5" color="#9696af" alpha="255" label="Uncertain: in the shade of the sun"/>
    <paletteEntry value="6" color="#c4302b" alpha="255" label="Not visible: radar shadow"/>
    <paletteEntry value="7" color="#e27d60" alpha="255" label="Not visible: optical occlusion"/>
    <paletteEntry value="8" color="#7a1628" alpha="255" label="Not visible: radar shadow and optical occlusion"/>
   </colorPalette>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
