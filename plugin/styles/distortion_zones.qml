<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <pipe>
  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
   <colorPalette>
    <paletteEntry value="0" color="#ffffff" alpha="0" label="Undistorted"/>
    <paletteEntry value="1" color="#ffe25a" alpha="255" label="Foreshortening"/>
    <paletteEntry value="2" color="#c8442e" alpha="255" label="Active layover"/>
    <paletteEntry value="4" color="#f29a5c" alpha="255" label="Passive layover"/>
    <paletteEntry value="5" color="#f5bd4a" alpha="255" label="Foreshortening and passive layover"/>
    <paletteEntry value="8" color="#16275c" alpha="255" label="Active shadow"/>
    <paletteEntry value="16" color="#5b7fbf" alpha="255" label="Passive shadow"/>
    <paletteEntry value="17" color="#8fa57a" alpha="255" label="Foreshortening and passive shadow"/>
    <paletteEntry value="18" color="#7d2f5e" alpha="255" label="Active layover and passive shadow"/>
    <paletteEntry value="20" color="#a0759c" alpha="255" label="Passive layover and passive shadow"/>
    <paletteEntry value="12" color="#5f3a7d" alpha="255" label="Passive layover and active shadow"/>
    <paletteEntry value="21" color="#b49a86" alpha="255" label="Foreshortening, passive layover and passive shadow"/>
   </colorPalette>
  </rasterrenderer>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
