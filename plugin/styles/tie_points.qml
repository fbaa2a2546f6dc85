<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Fields|Forms|AttributeTable|MapTips|Rendering">
 <renderer-v2 type="RuleRenderer" symbollevels="0" forceraster="0" enableorderby="0">
  <rules key="{1a468400-7ebe-4f48-81e1-1cb5e4e3e523}">
   <rule key="{7ecbc784-3b08-4f53-9139-ee727234d7d0}" filter="&quot;accepted&quot;" label="Accepted (size: residual)">
    <rule key="{c1a6d1c2-8a8e-49f4-9a53-3a9b7cf1a2d0}" filter="&quot;sigma_px&quot; IS NOT NULL" label="By predicted error">
     <rule key="{4f0a3c8e-6f0d-4b52-9a39-0c5d64f1be10}" filter="&quot;sigma_px&quot; &lt; 0.23" symbol="0" label="Error below 0.23 px"/>
     <rule key="{4f0a3c8e-6f0d-4b52-9a39-0c5d64f1be11}" filter="&quot;sigma_px&quot; &gt;= 0.23 AND &quot;sigma_px&quot; &lt; 0.3" symbol="1" label="Error 0.23 to 0.3 px"/>
     <rule key="{4f0a3c8e-6f0d-4b52-9a39-0c5d64f1be12}" filter="&quot;sigma_px&quot; &gt;= 0.3 AND &quot;sigma_px&quot; &lt; 0.4" symbol="2" label="Error 0.3 to 0.4 px"/>
     <rule key="{4f0a3c8e-6f0d-4b52-9a39-0c5d64f1be13}" filter="&quot;sigma_px&quot; &gt;= 0.4 AND &quot;sigma_px&quot; &lt; 0.55" symbol="3" label="Error 0.4 to 0.55 px"/>
     <rule key="{4f0a3c8e-6f0d-4b52-9a39-0c5d64f1be14}" filter="&quot;sigma_px&quot; &gt;= 0.55 AND &quot;sigma_px&quot; &lt; 0.75" symbol="4" label="Error 0.55 to 0.75 px"/>
     <rule key="{4f0a3c8e-6f0d-4b52-9a39-0c5d64f1be15}" filter="&quot;sigma_px&quot; &gt;= 0.75" symbol="5" label="Error 0.75 px and above"/>
    </rule>
    <rule key="{c1a6d1c2-8a8e-49f4-9a53-3a9b7cf1a2d1}" filter="&quot;sigma_px&quot; IS NULL" label="By score">
     <rule key="{dde3b54f-6b0b-4003-ab79-f9d3f77d5720}" filter="&quot;score&quot; &lt; 0.5 OR &quot;score&quot; IS NULL" symbol="6" label="Score below 0.5"/>
     <rule key="{dde3b54f-6b0b-4003-ab79-f9d3f77d5721}" filter="&quot;score&quot; &gt;= 0.5 AND &quot;score&quot; &lt; 0.7" symbol="7" label="Score 0.5 to 0.7"/>
     <rule key="{dde3b54f-6b0b-4003-ab79-f9d3f77d5722}" filter="&quot;score&quot; &gt;= 0.7 AND &quot;score&quot; &lt; 0.8" symbol="8" label="Score 0.7 to 0.8"/>
     <rule key="{dde3b54f-6b0b-4003-ab79-f9d3f77d5723}" filter="&quot;score&quot; &gt;= 0.8 AND &quot;score&quot; &lt; 0.85" symbol="9" label="Score 0.8 to 0.85"/>
     <rule key="{dde3b54f-6b0b-4003-ab79-f9d3f77d5724}" filter="&quot;score&quot; &gt;= 0.85 AND &quot;score&quot; &lt; 0.9" symbol="10" label="Score 0.85 to 0.9"/>
     <rule key="{dde3b54f-6b0b-4003-ab79-f9d3f77d5725}" filter="&quot;score&quot; &gt;= 0.9" symbol="11" label="Score 0.9 and above"/>
    </rule>
   </rule>
   <rule key="{fa265b57-2f8d-47c4-8f50-e825b2ebba9e}" filter="NOT &quot;accepted&quot;" symbol="12" label="Rejected"/>
  </rules>
  <symbols>
   <symbol type="marker" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="255,235,24,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="1" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="153,188,90,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="2" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="67,186,151,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="3" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="58,135,118,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="4" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="93,101,137,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="5" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="90,10,108,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="6" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="90,10,108,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="7" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="93,101,137,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="8" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="58,135,118,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="9" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="67,186,151,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="10" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="153,188,90,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="11" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="circle"/><Option name="color" type="QString" value="255,235,24,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.35"/><Option name="size" type="QString" value="3"/></Option><data_defined_properties><Option type="Map"><Option name="name" type="QString" value=""/><Option name="properties" type="Map"><Option name="size" type="Map"><Option name="active" type="bool" value="true"/><Option name="expression" type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2.6, 4.6), 3)"/><Option name="type" type="int" value="3"/></Option></Option><Option name="type" type="QString" value="collection"/></Option></data_defined_properties></layer>
   </symbol>
   <symbol type="marker" name="12" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="cross2"/><Option name="size" type="QString" value="2.2"/><Option name="outline_style" type="QString" value="solid"/><Option name="cap_style" type="QString" value="round"/><Option name="color" type="QString" value="255,255,255,255"/><Option name="outline_color" type="QString" value="255,255,255,255"/><Option name="outline_width" type="QString" value="1.1"/></Option></layer>
    <layer class="SimpleMarker" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="name" type="QString" value="cross2"/><Option name="size" type="QString" value="2.2"/><Option name="outline_style" type="QString" value="solid"/><Option name="cap_style" type="QString" value="round"/><Option name="color" type="QString" value="38,38,38,255"/><Option name="outline_color" type="QString" value="38,38,38,255"/><Option name="outline_width" type="QString" value="0.5"/></Option></layer>
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
 <mapTip>&lt;b&gt;Tie point [% "id" %]&lt;/b&gt;[% if("accepted", '', ', rejected: ' || represent_value("reason")) %]&lt;br&gt;[% coalesce('Shift ' || format_number("dx_m", 1) || ' m east, ' || format_number("dy_m", 1) || ' m north', 'Not matched') %]&lt;br&gt;[% coalesce('Score ' || format_number("score", 3), '') %][% coalesce(', predicted error ' || format_number("sigma_px", 2) || ' px', '') %][% coalesce(', residual ' || format_number("residual_m", 1) || ' m', '') %]</mapTip>
 <layerGeometryType>0</layerGeometryType>
</qgis>
