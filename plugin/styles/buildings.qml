<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Fields|Forms|AttributeTable|MapTips|Rendering">
 <renderer-v2 type="graduatedSymbol" attr="height" graduatedMethod="GraduatedColor" symbollevels="0" forceraster="0" enableorderby="0">
  <ranges>
   <range lower="0" upper="6" symbol="0" label="up to 6 m" render="true"/>
   <range lower="6" upper="12" symbol="1" label="6 to 12 m" render="true"/>
   <range lower="12" upper="25" symbol="2" label="12 to 25 m" render="true"/>
   <range lower="25" upper="50" symbol="3" label="25 to 50 m" render="true"/>
   <range lower="50" upper="10000" symbol="4" label="above 50 m" render="true"/>
  </ranges>
  <symbols>
   <symbol type="fill" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="254,219,179,255"/><Option name="outline_color" type="QString" value="50,40,35,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="230,160,55,255"/><Option name="outline_color" type="QString" value="50,40,35,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="212,82,86,255"/><Option name="outline_color" type="QString" value="50,40,35,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="3" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="151,35,19,255"/><Option name="outline_color" type="QString" value="50,40,35,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="4" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="80,22,88,255"/><Option name="outline_color" type="QString" value="50,40,35,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <fieldConfiguration>
  <field name="id"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="height"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="1"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
 </fieldConfiguration>
 <aliases>
  <alias field="id" index="0" name="Number"/>
  <alias field="height" index="1" name="Height above ground (m)"/>
  <alias field="fid" index="2" name="Row"/>
 </aliases>
 <attributetableconfig actionWidgetStyle="dropDown" sortExpression="" sortOrder="0">
  <columns>
   <column type="field" name="id" hidden="0" width="70"/>
   <column type="field" name="height" hidden="0" width="165"/>
   <column type="field" name="fid" hidden="1" width="-1"/>
   <column type="actions" hidden="1" width="-1"/>
  </columns>
 </attributetableconfig>
 <previewExpression>"id"</previewExpression>
 <mapTip>&lt;b&gt;Building [% "id" %]&lt;/b&gt;&lt;br&gt;[% coalesce(format_number("height", 1) || ' m high', 'Height unknown') %]</mapTip>
</qgis>
