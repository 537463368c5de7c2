// The keys above the organisations' keys, and the few secrets there are. Nobody outside the
// network reaches it, and nobody can take a key away before its time.
param name string
param location string
param subnet string
param zone string
param workspace string
param insightsName string
param identities object
param tags object

// Seven days is the least there is. An epoch of keys lasts 14 days: with these seven a dropped
// key is beyond recovery after 21 days, before the 30 days in which erasure has to be done.
var softDeleteDays = 7

var wrapper = 'e147488a-f6f5-4113-8e2d-b22465e65bf6'
var cryptoOfficer = '14b46e9e-c2b7-41b4-b07b-48a6ebf60603'
var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'premium'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: softDeleteDays
    enablePurgeProtection: true
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Deny'
    }
  }
}

module endpoint 'endpoint.bicep' = {
  name: 'vault-endpoint'
  params: {
    name: '${name}-vault'
    location: location
    subnet: subnet
    zone: zone
    target: vault.id
    part: 'vault'
    tags: tags
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

// Where to send telemetry. It is no key, as the component takes no key; it is kept here all the
// same, so that no setting of a container holds it.
resource insightsSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'application-insights'
  properties: {
    value: insights.properties.ConnectionString
    contentType: 'text/plain'
    attributes: {
      enabled: true
      exp: 4102444800
    }
  }
}

// Of the roles that there are, those that can make a key can delete one too.
resource maker 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'key maker')
  properties: {
    roleName: 'Switchroom key maker (${name})'
    description: 'Makes keys, and wraps and unwraps by them; cannot change, read out, delete or purge one.'
    type: 'CustomRole'
    assignableScopes: [
      resourceGroup().id
    ]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: [
          'Microsoft.KeyVault/vaults/keys/read'
          'Microsoft.KeyVault/vaults/keys/create/action'
          'Microsoft.KeyVault/vaults/keys/wrap/action'
          'Microsoft.KeyVault/vaults/keys/unwrap/action'
        ]
        notDataActions: []
      }
    ]
  }
}

resource webKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identities.web, 'key maker')
  scope: vault
  properties: {
    description: 'Makes the key of an organisation that claims its place, and unwraps those of others to open and seal fields of requests; cannot delete a key.'
    principalId: identities.web
    principalType: 'ServicePrincipal'
    roleDefinitionId: maker.id
  }
}

resource botKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identities.bot, wrapper)
  scope: vault
  properties: {
    description: 'Unwraps the keys of organisations to open and seal fields of turns; cannot make, change or delete one.'
    principalId: identities.bot
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', wrapper)
  }
}

resource workerKeys 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identities.worker, cryptoOfficer)
  scope: vault
  properties: {
    description: 'Makes the keys of a new epoch and deletes those of a past one, besides wrapping and unwrapping; no other role of the process may delete.'
    principalId: identities.worker
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', cryptoOfficer)
  }
}

resource webInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insightsSecret.id, identities.web, secretsUser)
  scope: insightsSecret
  properties: {
    description: 'Reads this one secret: where telemetry goes. Web has no other secret.'
    principalId: identities.web
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource botInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insightsSecret.id, identities.bot, secretsUser)
  scope: insightsSecret
  properties: {
    description: 'Reads this one secret: where telemetry goes. The bot proves who it is by its identity, so it has no other secret.'
    principalId: identities.bot
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource workerSecrets 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, identities.worker, secretsUser)
  scope: vault
  properties: {
    description: 'Reads the credentials of sources that it polls and of mail and SMS providers; reading only.'
    principalId: identities.worker
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser)
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: vault
  properties: {
    workspaceId: workspace
    logs: [
      {
        categoryGroup: 'audit'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'AllMetrics'
        enabled: true
      }
    ]
  }
}

output id string = vault.id
output url string = vault.properties.vaultUri
output insightsSecret string = insightsSecret.properties.secretUri
