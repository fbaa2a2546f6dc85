<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Fields|Forms|AttributeTable|MapTips|Rendering" hasScaleBasedVisibilityFlag="1" minScale="1000" maxScale="0">
 <renderer-v2 type="categorizedSymbol" attr="visibility" symbollevels="0" forceraster="0" enableorderby="0">
  <categories>
   <category value="1" symbol="1" label="Jointly visible" render="true"/>
   <category value="2" symbol="2" label="Uncertain: façade" render="true"/>
   <category value="3" symbol="3" label="Uncertain: façade layover" render="true"/>
   <category value="4" symbol="4" label="Uncertain: other layover" render="true"/>
   <category value="5" symbol="5" label="Uncertain: shade of the sun" render="true"/>
   <category value="6" symbol="6" label="Not visible: radar shadow" render="true"/>
   <category value="7" symbol="7" label="Not visible: optical occlusion" render="true"/>
   <category value="8" symbol="8" label="Not visible: both causes" render="true"/>
  </categories>
  <symbols>
   <symbol type="marker" name="1" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="71,200,163,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="size" type="QString" value="0.9"/></Option></layer>
   </symbol>
   <symbol type="marker" name="2" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="253,222,27,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="size" type="QString" value="0.9"/></Option></layer>
   </symbol>
   <symbol type="marker" name="3" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="203,144,66,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="size" type="QString" value="0.9"/></Option></layer>
   </symbol>
   <symbol type="marker" name="4" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="129,111,85,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="size" type="QString" value="0.9"/></Option></layer>
   </symbol>
   <symbol type="marker" name="5" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="152,126,234,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="size" type="QString" value="0.9"/></Option></layer>
   </symbol>
   <symbol type="marker" name="6" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="127,7,4,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="size" type="QString" value="0.9"/></Option></layer>
   </symbol>
   <symbol type="marker" name="7" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="192,56,138,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="size" type="QString" value="0.9"/></Option></layer>
   </symbol>
   <symbol type="marker" name="8" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="68,8,78,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="size" type="QString" value="0.9"/></Option></layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <fieldConfiguration>
  <field name="id"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="visibility"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List"><Option type="Map"><Option name="Jointly visible" type="QString" value="1"/></Option><Option type="Map"><Option name="Uncertain: façade" type="QString" value="2"/></Option><Option type="Map"><Option name="Uncertain: façade layover" type="QString" value="3"/></Option><Option type="Map"><Option name="Uncertain: other layover" type="QString" value="4"/></Option><Option type="Map"><Option name="Uncertain: shade of the sun" type="QString" value="5"/></Option><Option type="Map"><Option name="Not visible: radar shadow" type="QString" value="6"/></Option><Option type="Map"><Option name="Not visible: optical occlusion" type="QString" value="7"/></Option><Option type="Map"><Option name="Not visible: both causes" type="QString" value="8"/></Option></Option></Option></config></editWidget></field>
  <field name="height"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="radar_shadow"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List"><Option type="Map"><Option name="yes" type="QString" value="1"/></Option><Option type="Map"><Option name="no" type="QString" value="0"/></Option></Option></Option></config></editWidget></field>
  <field name="facade_layover"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List"><Option type="Map"><Option name="yes" type="QString" value="1"/></Option><Option type="Map"><Option name="no" type="QString" value="0"/></Option></Option></Option></config></editWidget></field>
  <field name="other_layover"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List"><Option type="Map"><Option name="yes" type="QString" value="1"/></Option><Option type="Map"><Option name="no" type="QString" value="0"/></Option></Option></Option></config></editWidget></field>
  <field name="occlusion"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List"><Option type="Map"><Option name="yes" type="QString" value="1"/></Option><Option type="Map"><Option name="no" type="QString" value="0"/></Option></Option></Option></config></editWidget></field>
  <field name="sun_shadow"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List"><Option type="Map"><Option name="yes" type="QString" value="1"/></Option><Option type="Map"><Option name="no" type="QString" value="0"/></Option></Option></Option></config></editWidget></field>
  <field name="facade"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List"><Option type="Map"><Option name="yes" type="QString" value="1"/></Option><Option type="Map"><Option name="no" type="QString" value="0"/></Option></Option></Option></config></editWidget></field>
  <field name="slant_range"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="azimuth"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="col"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="row"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="x"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="y"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="sar_x"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="sar_y"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="opt_x"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="opt_y"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
 </fieldConfiguration>
 <aliases>
  <alias field="id" index="0" name="Number"/>
  <alias field="visibility" index="1" name="Visibility"/>
  <alias field="height" index="2" name="Height (m)"/>
  <alias field="radar_shadow" index="3" name="Radar shadow"/>
  <alias field="facade_layover" index="4" name="Façade layover"/>
  <alias field="other_layover" index="5" name="Other layover"/>
  <alias field="occlusion" index="6" name="Optical occlusion"/>
  <alias field="sun_shadow" index="7" name="Shade of the sun"/>
  <alias field="facade" index="8" name="Façade"/>
  <alias field="slant_range" index="9" name="Slant range (m)"/>
  <alias field="azimuth" index="10" name="Along the lines (m)"/>
  <alias field="col" index="11" name="Column"/>
  <alias field="row" index="12" name="Row"/>
  <alias field="x" index="13" name="x"/>
  <alias field="y" index="14" name="y"/>
  <alias field="sar_x" index="15" name="SAR x"/>
  <alias field="sar_y" index="16" name="SAR y"/>
  <alias field="opt_x" index="17" name="Optical x"/>
  <alias field="opt_y" index="18" name="Optical y"/>
  <alias field="fid" index="19" name="Row"/>
 </aliases>
 <attributetableconfig actionWidgetStyle="dropDown" sortExpression="" sortOrder="0">
  <columns>
   <column type="field" name="id" hidden="0" width="70"/>
   <column type="field" name="visibility" hidden="0" width="200"/>
   <column type="field" name="height" hidden="0" width="85"/>
   <column type="field" name="radar_shadow" hidden="0" width="95"/>
   <column type="field" name="facade_layover" hidden="0" width="105"/>
   <column type="field" name="other_layover" hidden="0" width="100"/>
   <column type="field" name="occlusion" hidden="0" width="115"/>
   <column type="field" name="sun_shadow" hidden="0" width="115"/>
   <column type="field" name="facade" hidden="0" width="65"/>
   <column type="field" name="slant_range" hidden="0" width="110"/>
   <column type="field" name="azimuth" hidden="0" width="125"/>
   <column type="field" name="col" hidden="0" width="65"/>
   <column type="field" name="row" hidden="0" width="65"/>
   <column type="field" name="x" hidden="0" width="125"/>
   <column type="field" name="y" hidden="0" width="125"/>
   <column type="field" name="sar_x" hidden="0" width="125"/>
   <column type="field" name="sar_y" hidden="0" width="125"/>
   <column type="field" name="opt_x" hidden="0" width="125"/>
   <column type="field" name="opt_y" hidden="0" width="125"/>
   <column type="field" name="fid" hidden="1" width="-1"/>
   <column type="actions" hidden="1" width="-1"/>
  </columns>
 </attributetableconfig>
 <previewExpression>"id"</previewExpression>
 <mapTip>&lt;b&gt;Cell [% "id" %]&lt;/b&gt;&lt;br&gt;[% represent_value("visibility") %]&lt;br&gt;Height [% format_number("height", 1) %] m</mapTip>
</qgis>
