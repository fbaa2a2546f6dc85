<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <renderer-v2 symbollevels="0" type="RuleRenderer" forceraster="0" referencescale="-1" enableorderby="0">
  <rules key="{057c02b6-c8d5-42e5-b2d0-761201a874f1}">
   <rule key="{67a52e86-0bcf-4441-b5b0-93ed23d8ab85}" filter="&quot;accepted&quot;" symbol="0" label="Shift, optical to SAR" />
   <rule key="{63085a15-8202-4934-a0a1-ab27691a87e0}" filter="NOT &quot;accepted&quot;" symbol="1" label="Rejected" />
  </rules>
  <symbols>
   <symbol type="line" force_rhr="0" alpha="1" name="0" clip_to_extent="1">
    <layer enabled="1" class="SimpleLine" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="flat" name="capstyle" />
      <Option type="QString" value="214,40,40,255" name="line_color" />
      <Option type="QString" value="solid" name="line_style" />
      <Option type="QString" value="0.5" name="line_width" />
     </Option>
    </layer>
    <layer enabled="1" class="MarkerLine" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="lastvertex" name="placement" />
      <Option type="QString" value="1" name="rotate" />
     </Option>
     <symbol type="marker" force_rhr="0" alpha="1" name="@0@1" clip_to_extent="1">
      <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
       <Option type="Map">
        <Option type="QString" value="0" name="angle" />
        <Option type="QString" value="214,40,40,255" name="color" />
        <Option type="QString" value="filled_arrowhead" name="name" />
        <Option type="QString" value="35,35,35,255" name="outline_color" />
        <Option type="QString" value="no" name="outline_style" />
        <Option type="QString" value="0" name="outline_width" />
        <Option type="QString" value="2.4" name="size" />
       </Option>
      </layer>
     </symbol>
    </layer>
   </symbol>
   <symbol type="line" force_rhr="0" alpha="1" name="1" clip_to_extent="1">
    <layer enabled="1" class="SimpleLine" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="flat" name="capstyle" />
      <Option type="QString" value="150,150,150,160" name="line_color" />
      <Option type="QString" value="solid" name="line_style" />
      <Option type="QString" value="0.3" name="line_width" />
     </Option>
    </layer>
    <layer enabled="1" class="MarkerLine" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="lastvertex" name="placement" />
      <Option type="QString" value="1" name="rotate" />
     </Option>
     <symbol type="marker" force_rhr="0" alpha="1" name="@1@1" clip_to_extent="1">
      <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
       <Option type="Map">
        <Option type="QString" value="0" name="angle" />
        <Option type="QString" value="150,150,150,160" name="color" />
        <Option type="QString" value="filled_arrowhead" name="name" />
        <Option type="QString" value="35,35,35,255" name="outline_color" />
        <Option type="QString" value="no" name="outline_style" />
        <Option type="QString" value="0" name="outline_width" />
        <Option type="QString" value="2.4" name="size" />
       </Option>
      </layer>
     </symbol>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerGeometryType>1</layerGeometryType>
</qgis>
