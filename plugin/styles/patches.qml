<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology|Fields|Forms|AttributeTable|MapTips|Rendering">
 <renderer-v2 type="categorizedSymbol" attr="place_split" symbollevels="0" forceraster="0" enableorderby="0">
  <categories>
   <category value="training" symbol="0" label="Training" render="true"/>
   <category value="validation" symbol="1" label="Validation" render="true"/>
   <category value="between" symbol="2" label="Between both" render="true"/>
  </categories>
  <symbols>
   <symbol type="fill" name="0" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="42,120,190,40"/><Option name="outline_color" type="QString" value="42,120,190,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.5"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="1" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="230,130,20,40"/><Option name="outline_color" type="QString" value="230,130,20,255"/><Option name="outline_style" type="QString" value="solid"/><Option name="outline_width" type="QString" value="0.5"/><Option name="style" type="QString" value="solid"/></Option></layer>
   </symbol>
   <symbol type="fill" name="2" alpha="1" clip_to_extent="1" force_rhr="0">
    <layer class="SimpleFill" enabled="1" locked="0" pass="0"><Option type="Map"><Option name="color" type="QString" value="120,120,120,0"/><Option name="outline_color" type="QString" value="120,120,120,255"/><Option name="outline_style" type="QString" value="dash"/><Option name="outline_width" type="QString" value="0.3"/><Option name="style" type="QString" value="no"/></Option></layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <fieldConfiguration>
  <field name="name"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="place_split"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="random_split"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="col"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="row"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="sar"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="optical"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
  <field name="dem"><editWidget type="TextEdit"><config><Option/></config></editWidget></field>
 </fieldConfiguration>
 <aliases>
  <alias field="name" index="0" name="Number"/>
  <alias field="sar" index="1" name="SAR file"/>
  <alias field="optical" index="2" name="Optical file"/>
  <alias field="dem" index="3" name="Elevation file"/>
  <alias field="col" index="4" name="First column (px)"/>
  <alias field="row" index="5" name="First row (px)"/>
  <alias field="place_split" index="6" name="Part, by place"/>
  <alias field="random_split" index="7" name="Part, at random"/>
  <alias field="fid" index="8" name="Row in the table"/>
 </aliases>
 <attributetableconfig actionWidgetStyle="dropDown" sortExpression="" sortOrder="0">
  <columns>
   <column type="field" name="name" hidden="0" width="70"/>
   <column type="field" name="place_split" hidden="0" width="110"/>
   <column type="field" name="random_split" hidden="0" width="120"/>
   <column type="field" name="col" hidden="0" width="120"/>
   <column type="field" name="row" hidden="0" width="110"/>
   <column type="field" name="sar" hidden="0" width="150"/>
   <column type="field" name="optical" hidden="0" width="160"/>
   <column type="field" name="dem" hidden="0" width="150"/>
   <column type="field" name="fid" hidden="1" width="-1"/>
   <column type="actions" hidden="1" width="-1"/>
  </columns>
 </attributetableconfig>
 <previewExpression>"name"</previewExpression>
 <mapTip>&lt;b&gt;Patch [% "name" %]&lt;/b&gt;&lt;br&gt;By place: [% coalesce("place_split", 'not known') %]&lt;br&gt;At random: [% coalesce("random_split", 'not known') %]</mapTip>
</qgis>
