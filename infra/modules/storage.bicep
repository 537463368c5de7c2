// Uploads, recordings, exports and backups: ciphertext in chunks, sealed before it gets here.
param name string
param region string
param location string
param subnet string
param zone string
param workspace string
param identities object
param tags object

// A deleted blob can be brought back for so many days; shorter than the 30 days of an erasure.
var softDeleteDays = 7

var dataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  // checkov:skip=CKV_AZURE_36:no service of Microsoft needs to pass the firewall; only the private endpoint does
  // checkov:skip=CKV_AZURE_206:copies in another region would leave the region of the organisations; three zones of this one hold it
  // checkov:skip=CKV_AZURE_43:the name is made in stamp.bicep of letters and digits and cut to 24
  name: take(name, 24)
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: {
    name: 'Standard_ZRS'
  }
  properties: {
    accessTier: 'Hot'
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    isLocalUserEnabled: false
    isSftpEnabled: false
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: 'Deny'
    }
    encryption: {
      keySource: 'Microsoft.Storage'
      requireInfrastructureEncryption: true
      services: {
        blob: {
          enabled: true
          keyType: 'Account'
        }
      }
    }
  }
}

resource blobs 'Microsoft.Storage/storageAccounts/blobServices@2023-05-01' = {
  parent: account
  name: 'default'
  properties: {
    isVersioningEnabled: false
    deleteRetentionPolicy: {
      enabled: true
      days: softDeleteDays
    }
    containerDeleteRetentionPolicy: {
      enabled: true
      days: softDeleteDays
    }
  }
}

// The mark tells a process of another region that these blobs are not its own.
resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'switchroom'
  properties: {
    publicAccess: 'None'
    metadata: {
      switchroom_region: region
    }
  }
}

module endpoint 'endpoint.bicep' = {
  name: 'blob-endpoint'
  params: {
    name: '${name}-blob'
    location: location
    subnet: subnet
    zone: zone
    target: account.id
    part: 'blob'
    tags: tags
  }
}

// Reading a container's mark takes no right to its blobs.
resource looker 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'container looker')
  properties: {
    roleName: 'Switchroom container looker (${name})'
    description: 'Sees that a container is there and how it is marked; none of its blobs.'
    type: 'CustomRole'
    assignableScopes: [
      resourceGroup().id
    ]
    permissions: [
      {
        actions: [
          'Microsoft.Storage/storageAccounts/blobServices/containers/read'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource webBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(container.id, identities.web, dataContributor)
  scope: container
  properties: {
    description: 'Keeps uploaded contact files until the worker has read them, discards what a sender broke off, plays recordings and hands out exports.'
    principalId: identities.web
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataContributor)
  }
}

resource botBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(container.id, identities.bot, 'container looker')
  scope: container
  properties: {
    description: 'Makes sure at start that the container is of its region, as every process does; the bot has no use for any blob.'
    principalId: identities.bot
    principalType: 'ServicePrincipal'
    roleDefinitionId: looker.id
  }
}

resource workerBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(container.id, identities.worker, dataContributor)
  scope: container
  properties: {
    description: 'Reads and removes uploads, writes and erases recordings and exports.'
    principalId: identities.worker
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataContributor)
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: blobs
  properties: {
    workspaceId: workspace
    logs: [
      {
        category: 'StorageRead'
        enabled: true
      }
      {
        category: 'StorageWrite'
        enabled: true
      }
      {
        category: 'StorageDelete'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Transaction'
        enabled: true
      }
    ]
  }
}

output id string = account.id
output url string = '${account.properties.primaryEndpoints.blob}${container.name}'
