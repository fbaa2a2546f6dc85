<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Fields|Forms|AttributeTable|MapTips|Rendering">
 <renderer-v2 type="graduatedSymbol" attr="score" graduatedMethod="GraduatedColor" symbollevels="0" forceraster="0" enableorderby="0">
  <ranges>
   <range lower="0" upper="0.6" symbol="0" label="Score below 0.6" render="true"/>
   <range lower="0.6" upper="0.75" symbol="1" label="0.6 to 0.75" render="true"/>
   <range lower="0.75" upper="0.9" symbol="2" label="0.75 to 0.9" render="true"/>
   <range lower="0.9" upper="1" symbol="3" label="0.9 and above" render="true"/>
  </ranges>
  <symbols>
   <symbol type="fill" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="184,90,30,60"/><Option name="outline_color" type="QString" value="184,90,30,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.5"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="160,76,255,60"/><Option name="outline_color" type="QString" value="160,76,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.5"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="85,176,162,60"/><Option name="outline_color" type="QString" value="85,176,162,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.5"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="3" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="255,213,30,60"/><Option name="outline_color" type="QString" value="255,213,30,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.5"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <fieldConfiguration>
  <field name="id"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="area_m2"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="1"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="perimeter_m"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="1"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="score"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="elongation"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="orientation"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="1"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
 </fieldConfiguration>
 <aliases>
  <alias field="id" index="0" name="Number"/>
  <alias field="area_m2" index="1" name="Area (m²)"/>
  <alias field="perimeter_m" index="2" name="Perimeter (m)"/>
  <alias field="score" index="3" name="Score (mean probability)"/>
  <alias field="elongation" index="4" name="Length over width"/>
  <alias field="orientation" index="5" name="Direction of the length (°)"/>
  <alias field="fid" index="6" name="Row"/>
 </aliases>
 <attributetableconfig actionWidgetStyle="dropDown" sortExpression="" sortOrder="0">
  <columns>
   <column type="field" name="id" hidden="0" width="70"/>
   <column type="field" name="area_m2" hidden="0" width="90"/>
   <column type="field" name="perimeter_m" hidden="0" width="110"/>
   <column type="field" name="score" hidden="0" width="170"/>
   <column type="field" name="elongation" hidden="0" width="140"/>
   <column type="field" name="orientation" hidden="0" width="190"/>
   <column type="field" name="fid" hidden="1" width="-1"/>
   <column type="actions" hidden="1" width="-1"/>
  </columns>
 </attributetableconfig>
 <previewExpression>"id"</previewExpression>
 <mapTip>&lt;b&gt;Footprint [% "id" %]&lt;/b&gt;&lt;br&gt;[% format_number("area_m2", 0) || ' m², score ' || format_number("score", 2) %]</mapTip>
</qgis>
