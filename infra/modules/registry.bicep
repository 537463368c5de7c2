// The product's image. It holds no data, so it may be pushed to from outside the network, by
// people and pipelines with a role; nobody pulls from it without one.
param name string
param location string
param workspace string
param identities object
param tags object

var acrPull = '7f951dda-4ed3-4680-a7ca-43fe172d538d'

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  // checkov:skip=CKV_AZURE_139:people and pipelines push from outside the network; images hold no data and need a role to be pulled
  // checkov:skip=CKV_AZURE_166:quarantine holds images back for a scanner that the stamp does not have; containers name their image by digest
  name: name
  location: location
  tags: tags
  sku: {
    name: 'Premium'
  }
  properties: {
    adminUserEnabled: false
    anonymousPullEnabled: false
    dataEndpointEnabled: true
    publicNetworkAccess: 'Enabled'
    networkRuleBypassOptions: 'None'
    zoneRedundancy: 'Enabled'
    policies: {
      exportPolicy: {
        status: 'enabled'
      }
      retentionPolicy: {
        status: 'enabled'
        days: 30
      }
      azureADAuthenticationAsArmPolicy: {
        status: 'disabled'
      }
    }
  }
}

resource webPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identities.web, acrPull)
  scope: registry
  properties: {
    description: 'Pulls the image that it runs; cannot push.'
    principalId: identities.web
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', acrPull)
  }
}

resource botPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identities.bot, acrPull)
  scope: registry
  properties: {
    description: 'Pulls the image that it runs; cannot push.'
    principalId: identities.bot
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', acrPull)
  }
}

resource workerPull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, identities.worker, acrPull)
  scope: registry
  properties: {
    description: 'Pulls the image that it runs; cannot push.'
    principalId: identities.worker
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', acrPull)
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: registry
  properties: {
    workspaceId: workspace
    logs: [
      {
        category: 'ContainerRegistryLoginEvents'
        enabled: true
      }
      {
        category: 'ContainerRegistryRepositoryEvents'
        enabled: true
      }
    ]
  }
}

output server string = registry.properties.loginServer
