<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <renderer-v2 type="graduatedSymbol" attr="height" graduatedMethod="GraduatedColor" symbollevels="0" forceraster="0" enableorderby="0">
  <ranges>
   <range lower="0" upper="6" symbol="0" label="up to 6 m" render="true"/>
   <range lower="6" upper="12" symbol="1" label="6 to 12 m" render="true"/>
   <range lower="12" upper="25" symbol="2" label="12 to 25 m" render="true"/>
   <range lower="25" upper="50" symbol="3" label="25 to 50 m" render="true"/>
   <range lower="50" upper="10000" symbol="4" label="above 50 m" render="true"/>
  </ranges>
  <symbols>
   <symbol type="fill" name="0" alpha="0.8" clip_to_extent="1" force_rhr="0"><layer class="SimpleFill" enabled="1" pass="0" locked="0"><prop k="color" v="255,226,150,255"/><prop k="outline_color" v="70,50,40,255"/><prop k="outline_width" v="0.1"/><prop k="style" v="solid"/></layer></symbol>
   <symbol type="fill" name="1" alpha="0.8" clip_to_extent="1" force_rhr="0"><layer class="SimpleFill" enabled="1" pass="0" locked="0"><prop k="color" v="250,179,92,255"/><prop k="outline_color" v="70,50,40,255"/><prop k="outline_width" v="0.1"/><prop k="style" v="solid"/></layer></symbol>
   <symbol type="fill" name="2" alpha="0.8" clip_to_extent="1" force_rhr="0"><layer class="SimpleFill" enabled="1" pass="0" locked="0"><prop k="color" v="233,121,66,255"/><prop k="outline_color" v="70,50,40,255"/><prop k="outline_width" v="0.1"/><prop k="style" v="solid"/></layer></symbol>
   <symbol type="fill" name="3" alpha="0.8" clip_to_extent="1" force_rhr="0"><layer class="SimpleFill" enabled="1" pass="0" locked="0"><prop k="color" v="189,62,58,255"/><prop k="outline_color" v="70,50,40,255"/><prop k="outline_width" v="0.1"/><prop k="style" v="solid"/></layer></symbol>
   <symbol type="fill" name="4" alpha="0.8" clip_to_extent="1" force_rhr="0"><layer class="SimpleFill" enabled="1" pass="0" locked="0"><prop k="color" v="118,28,68,255"/><prop k="outline_color" v="70,50,40,255"/><prop k="outline_width" v="0.1"/><prop k="style" v="solid"/></layer></symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
</qgis>
