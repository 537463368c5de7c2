// A private endpoint of one store, and its address under the store's public name.
param name string
param location string
param subnet string
param zone string
param target string

@description('The part of the target that is reached: vault, Sql, blob.')
param part string
param tags object

resource endpoint 'Microsoft.Network/privateEndpoints@2024-01-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: {
      id: subnet
    }
    privateLinkServiceConnections: [
      {
        name: part
        properties: {
          privateLinkServiceId: target
          groupIds: [
            part
          ]
        }
      }
    ]
  }
}

resource address 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-01-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [
      {
        name: part
        properties: {
          privateDnsZoneId: zone
        }
      }
    ]
  }
}
