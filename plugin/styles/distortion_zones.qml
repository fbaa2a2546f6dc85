<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <pipe>
  <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
   <rasterTransparency/>
   <colorPalette>
    <paletteEntry value="0" color="#ffffff" alpha="0" label="Undistorted (transparent)"/>
    <paletteEntry value="1" color="#ffe42b" alpha="255" label="Foreshortening"/>
    <paletteEntry value="2" color="#920b0f" alpha="255" label="Active layover"/>
    <paletteEntry value="4" color="#be5f19" alpha="255" label="Passive layover"/>
    <paletteEntry value="8" color="#063853" alpha="255" label="Active shadow"/>
    <paletteEntry value="16" color="#8bb8ed" alpha="255" label="Passive shadow"/>
    <paletteEntry value="5" color="#e69f74" alpha="255" label="Foreshortening, layover"/>
    <paletteEntry value="17" color="#abb0ae" alpha="255" label="Foreshortening, shadow"/>
    <paletteEntry value="18" color="#785759" alpha="255" label="Active layover, shadow"/>
    <paletteEntry value="12" color="#5c3fc4" alpha="255" label="Layover, active shadow"/>
    <paletteEntry value="20" color="#8b6dfe" alpha="255" label="Layover, shadow"/>
    <paletteEntry value="21" color="#8b7a9a" alpha="255" label="Foreshort., layover, shadow"/>
   </colorPalette>
  </rasterrenderer>
  <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
  <huesaturation saturation="0" grayscaleMode="0" colorizeOn="0"/>
  <rasterresampler maxOversampling="2"/>
 </pipe>
 <blendMode>0</blendMode>
</qgis>
