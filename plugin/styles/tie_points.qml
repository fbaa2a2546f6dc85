<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.22.0" styleCategories="Symbology">
 <renderer-v2 symbollevels="0" type="RuleRenderer" forceraster="0" referencescale="-1" enableorderby="0">
  <rules key="{1a468400-7ebe-4f48-81e1-1cb5e4e3e523}">
   <rule key="{7ecbc784-3b08-4f53-9139-ee727234d7d0}" filter="&quot;accepted&quot;" label="Accepted (colour: score, size: residual)">
    <rule key="{dde3b54f-6b0b-4003-ab79-f9d3f77d5726}" filter="&quot;score&quot; &lt; 0.5 OR &quot;score&quot; IS NULL" symbol="0" label="0 to 0.5" />
    <rule key="{2bdaa879-395c-477b-a4dc-07d79b48969e}" filter="&quot;score&quot; &gt;= 0.5 AND &quot;score&quot; &lt; 0.7" symbol="1" label="0.5 to 0.7" />
    <rule key="{4795e398-cf1c-452d-b87d-2d782ce4f99f}" filter="&quot;score&quot; &gt;= 0.7 AND &quot;score&quot; &lt; 0.8" symbol="2" label="0.7 to 0.8" />
    <rule key="{400f5b45-7649-41f6-bce2-088cd5dfc742}" filter="&quot;score&quot; &gt;= 0.8 AND &quot;score&quot; &lt; 0.9" symbol="3" label="0.8 to 0.9" />
    <rule key="{22a3c2b6-4076-4f25-843a-7748e7584a83}" filter="&quot;score&quot; &gt;= 0.9" symbol="4" label="0.9 to 1" />
   </rule>
   <rule key="{fa265b57-2f8d-47c4-8f50-e825b2ebba9e}" filter="NOT &quot;accepted&quot;" symbol="5" label="Rejected (see field reason)" />
  </rules>
  <symbols>
   <symbol type="marker" force_rhr="0" alpha="1" name="0" clip_to_extent="1">
    <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="0" name="angle" />
      <Option type="QString" value="68,1,84,255" name="color" />
      <Option type="QString" value="circle" name="name" />
      <Option type="QString" value="255,255,255,255" name="outline_color" />
      <Option type="QString" value="solid" name="outline_style" />
      <Option type="QString" value="0.3" name="outline_width" />
      <Option type="QString" value="2.6" name="size" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" value="" name="name" />
       <Option type="Map" name="properties">
        <Option type="Map" name="size">
         <Option type="bool" value="true" name="active" />
         <Option type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2, 5), 2.6)" name="expression" />
         <Option type="int" value="3" name="type" />
        </Option>
       </Option>
       <Option type="QString" value="collection" name="type" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="marker" force_rhr="0" alpha="1" name="1" clip_to_extent="1">
    <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="0" name="angle" />
      <Option type="QString" value="59,82,139,255" name="color" />
      <Option type="QString" value="circle" name="name" />
      <Option type="QString" value="255,255,255,255" name="outline_color" />
      <Option type="QString" value="solid" name="outline_style" />
      <Option type="QString" value="0.3" name="outline_width" />
      <Option type="QString" value="2.6" name="size" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" value="" name="name" />
       <Option type="Map" name="properties">
        <Option type="Map" name="size">
         <Option type="bool" value="true" name="active" />
         <Option type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2, 5), 2.6)" name="expression" />
         <Option type="int" value="3" name="type" />
        </Option>
       </Option>
       <Option type="QString" value="collection" name="type" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="marker" force_rhr="0" alpha="1" name="2" clip_to_extent="1">
    <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="0" name="angle" />
      <Option type="QString" value="33,145,140,255" name="color" />
      <Option type="QString" value="circle" name="name" />
      <Option type="QString" value="255,255,255,255" name="outline_color" />
      <Option type="QString" value="solid" name="outline_style" />
      <Option type="QString" value="0.3" name="outline_width" />
      <Option type="QString" value="2.6" name="size" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" value="" name="name" />
       <Option type="Map" name="properties">
        <Option type="Map" name="size">
         <Option type="bool" value="true" name="active" />
         <Option type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2, 5), 2.6)" name="expression" />
         <Option type="int" value="3" name="type" />
        </Option>
       </Option>
       <Option type="QString" value="collection" name="type" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="marker" force_rhr="0" alpha="1" name="3" clip_to_extent="1">
    <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="0" name="angle" />
      <Option type="QString" value="94,201,98,255" name="color" />
      <Option type="QString" value="circle" name="name" />
      <Option type="QString" value="255,255,255,255" name="outline_color" />
      <Option type="QString" value="solid" name="outline_style" />
      <Option type="QString" value="0.3" name="outline_width" />
      <Option type="QString" value="2.6" name="size" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" value="" name="name" />
       <Option type="Map" name="properties">
        <Option type="Map" name="size">
         <Option type="bool" value="true" name="active" />
         <Option type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2, 5), 2.6)" name="expression" />
         <Option type="int" value="3" name="type" />
        </Option>
       </Option>
       <Option type="QString" value="collection" name="type" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="marker" force_rhr="0" alpha="1" name="4" clip_to_extent="1">
    <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="0" name="angle" />
      <Option type="QString" value="253,231,37,255" name="color" />
      <Option type="QString" value="circle" name="name" />
      <Option type="QString" value="255,255,255,255" name="outline_color" />
      <Option type="QString" value="solid" name="outline_style" />
      <Option type="QString" value="0.3" name="outline_width" />
      <Option type="QString" value="2.6" name="size" />
     </Option>
     <data_defined_properties>
      <Option type="Map">
       <Option type="QString" value="" name="name" />
       <Option type="Map" name="properties">
        <Option type="Map" name="size">
         <Option type="bool" value="true" name="active" />
         <Option type="QString" value="if(maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;) &gt; 0, scale_linear(coalesce(&quot;residual_m&quot;, 0), 0, maximum(&quot;residual_m&quot;, filter:=&quot;accepted&quot;), 2, 5), 2.6)" name="expression" />
         <Option type="int" value="3" name="type" />
        </Option>
       </Option>
       <Option type="QString" value="collection" name="type" />
      </Option>
     </data_defined_properties>
    </layer>
   </symbol>
   <symbol type="marker" force_rhr="0" alpha="1" name="5" clip_to_extent="1">
    <layer enabled="1" class="SimpleMarker" pass="0" locked="0">
     <Option type="Map">
      <Option type="QString" value="0" name="angle" />
      <Option type="QString" value="150,150,150,160" name="color" />
      <Option type="QString" value="circle" name="name" />
      <Option type="QString" value="90,90,90,160" name="outline_color" />
      <Option type="QString" value="solid" name="outline_style" />
      <Option type="QString" value="0.3" name="outline_width" />
      <Option type="QString" value="1.6" name="size" />
     </Option>
    </layer>
   </symbol>
  </symbols>
 </renderer-v2>
 <blendMode>0</blendMode>
 <featureBlendMode>0</featureBlendMode>
 <layerGeometryType>0</layerGeometryType>
</qgis>
