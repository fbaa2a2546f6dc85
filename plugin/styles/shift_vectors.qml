<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Fields|Forms|AttributeTable|MapTips|Rendering">
 <renderer-v2 type="RuleRenderer" symbollevels="0" forceraster="0" enableorderby="0">
  <rules key="{057c02b6-c8d5-42e5-b2d0-761201a874f1}">
   <rule key="{67a52e86-0bcf-4441-b5b0-93ed23d8ab85}" filter="&quot;accepted&quot;" symbol="0" label="Shift, optical to SAR"/>
   <rule key="{63085a15-8202-4934-a0a1-ab27691a87e0}" filter="NOT &quot;accepted&quot;" symbol="1" label="Rejected"/>
  </rules>
  <symbols>
   <symbol type="line" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="ArrowLine" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="arrow_type" type="QString" value="0"/><Option name="head_type" type="QString" value="0"/><Option name="is_curved" type="QString" value="0"/><Option name="is_repeated" type="QString" value="1"/><Option name="arrow_start_width" type="QString" value="0.6"/><Option name="arrow_width" type="QString" value="0.6"/><Option name="head_length" type="QString" value="2"/><Option name="head_thickness" type="QString" value="1.2"/></Option><symbol type="fill" name="@0@0" alpha="1" clip_to_extent="1" force_rhr="0"><layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="214,16,79,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.25"/><Option name="style" type="QString" value="solid"/></Option></layer></symbol></layer>
   </symbol>
   <symbol type="line" name="1" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="ArrowLine" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="arrow_type" type="QString" value="0"/><Option name="head_type" type="QString" value="0"/><Option name="is_curved" type="QString" value="0"/><Option name="is_repeated" type="QString" value="1"/><Option name="arrow_start_width" type="QString" value="0.45"/><Option name="arrow_width" type="QString" value="0.45"/><Option name="head_length" type="QString" value="1.5"/><Option name="head_thickness" type="QString" value="0.9"/></Option><symbol type="fill" name="@1@0" alpha="1" clip_to_extent="1" force_rhr="0"><layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="38,38,38,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.15"/><Option name="style" type="QString" value="solid"/></Option></layer></symbol></layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <fieldConfiguration>
  <field name="id"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="accepted"><editWidget type="CheckBox"><config><Option/></config></editWidget></field>
  <field name="reason"><editWidget type="ValueMap"><config><Option type="Map"><Option name="map" type="List"><Option type="Map"><Option name="–" type="QString" value=""/></Option><Option type="Map"><Option name="Unpromising place" type="QString" value="low_goodness"/></Option><Option type="Map"><Option name="Doubtful match" type="QString" value="orn"/></Option><Option type="Map"><Option name="Uncertain place" type="QString" value="sigma"/></Option><Option type="Map"><Option name="Disagrees" type="QString" value="transform"/></Option><Option type="Map"><Option name="At the border" type="QString" value="border"/></Option><Option type="Map"><Option name="No data" type="QString" value="nodata"/></Option><Option type="Map"><Option name="Not jointly visible" type="QString" value="visibility"/></Option></Option></Option></config></editWidget></field>
  <field name="score"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="3"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="dx_m"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="dy_m"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="length_m"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="azimuth"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="1"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="sigma_px"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="residual_m"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="dx_px"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="dy_px"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="peak_ratio"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="sar_x"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="sar_y"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="sar_col"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="sar_row"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="opt_x"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="opt_y"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="6"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="opt_col"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="opt_row"><editWidget type="Range"><config><Option type="Map"><Option name="Precision" type="int" value="2"/><Option name="AllowNull" type="bool" value="true"/></Option></config></editWidget></field>
  <field name="sar_image"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="opt_image"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="opt_crs"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
 </fieldConfiguration>
 <aliases>
  <alias field="id" index="0" name="Number"/>
  <alias field="accepted" index="1" name="Accepted"/>
  <alias field="reason" index="2" name="Why rejected"/>
  <alias field="score" index="3" name="Score"/>
  <alias field="dx_m" index="4" name="Shift east (m)"/>
  <alias field="dy_m" index="5" name="Shift north (m)"/>
  <alias field="length_m" index="6" name="Shift length (m)"/>
  <alias field="azimuth" index="7" name="Direction of the shift (°)"/>
  <alias field="sigma_px" index="8" name="Predicted error (px)"/>
  <alias field="residual_m" index="9" name="Residual (m)"/>
  <alias field="dx_px" index="10" name="Shift right (px)"/>
  <alias field="dy_px" index="11" name="Shift down (px)"/>
  <alias field="peak_ratio" index="12" name="Peak ratio"/>
  <alias field="sar_x" index="13" name="SAR x"/>
  <alias field="sar_y" index="14" name="SAR y"/>
  <alias field="sar_col" index="15" name="SAR column"/>
  <alias field="sar_row" index="16" name="SAR row"/>
  <alias field="opt_x" index="17" name="Optical x"/>
  <alias field="opt_y" index="18" name="Optical y"/>
  <alias field="opt_col" index="19" name="Optical column"/>
  <alias field="opt_row" index="20" name="Optical row"/>
  <alias field="sar_image" index="21" name="SAR image"/>
  <alias field="opt_image" index="22" name="Optical image"/>
  <alias field="opt_crs" index="23" name="CRS of the optical image"/>
  <alias field="fid" index="24" name="Row"/>
 </aliases>
 <attributetableconfig actionWidgetStyle="dropDown" sortExpression="" sortOrder="0">
  <columns>
   <column type="field" name="id" hidden="0" width="60"/>
   <column type="field" name="accepted" hidden="0" width="75"/>
   <column type="field" name="reason" hidden="0" width="130"/>
   <column type="field" name="score" hidden="0" width="75"/>
   <column type="field" name="dx_m" hidden="0" width="105"/>
   <column type="field" name="dy_m" hidden="0" width="105"/>
   <column type="field" name="length_m" hidden="0" width="110"/>
   <column type="field" name="azimuth" hidden="0" width="175"/>
   <column type="field" name="sigma_px" hidden="0" width="130"/>
   <column type="field" name="residual_m" hidden="0" width="95"/>
   <column type="field" name="dx_px" hidden="0" width="110"/>
   <column type="field" name="dy_px" hidden="0" width="110"/>
   <column type="field" name="peak_ratio" hidden="0" width="80"/>
   <column type="field" name="sar_x" hidden="0" width="125"/>
   <column type="field" name="sar_y" hidden="0" width="125"/>
   <column type="field" name="sar_col" hidden="0" width="90"/>
   <column type="field" name="sar_row" hidden="0" width="90"/>
   <column type="field" name="opt_x" hidden="0" width="125"/>
   <column type="field" name="opt_y" hidden="0" width="125"/>
   <column type="field" name="opt_col" hidden="0" width="105"/>
   <column type="field" name="opt_row" hidden="0" width="105"/>
   <column type="field" name="sar_image" hidden="0" width="110"/>
   <column type="field" name="opt_image" hidden="0" width="110"/>
   <column type="field" name="opt_crs" hidden="0" width="185"/>
   <column type="field" name="fid" hidden="1" width="-1"/>
   <column type="actions" hidden="1" width="-1"/>
  </columns>
 </attributetableconfig>
 <previewExpression>"id"</previewExpression>
 <mapTip>&lt;b&gt;Tie point [% "id" %]&lt;/b&gt;[% if("accepted", '', ', rejected: ' || represent_value("reason")) %]&lt;br&gt;Shift [% format_number("dx_m", 1) %] m east, [% format_number("dy_m", 1) %] m north, [% format_number("length_m", 1) %] m in all</mapTip>
 <layerGeometryType>1</layerGeometryType>
</qgis>
