// Recordings, exports, uploads and backups: ciphertext in chunks, sealed before it gets here.
param name string
param location string
param subnet string
param zone string
param workspace string
param identities object
param tags object

// A deleted blob can be brought back for so many days; shorter than the 30 days of an erasure.
var softDeleteDays = 7

var dataContributor = 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
var dataReader = '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1'

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

resource uploads 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'uploads'
  properties: {
    publicAccess: 'None'
  }
}

resource recordings 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'recordings'
  properties: {
    publicAccess: 'None'
  }
}

resource exports 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: blobs
  name: 'exports'
  properties: {
    publicAccess: 'None'
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

resource webUploads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(uploads.id, identities.web, dataContributor)
  scope: uploads
  properties: {
    description: 'Keeps uploaded contact files until the worker has read them, and discards what a sender broke off.'
    principalId: identities.web
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataContributor)
  }
}

resource webRecordings 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(recordings.id, identities.web, dataReader)
  scope: recordings
  properties: {
    description: 'Plays recordings to those who may hear them; reading only.'
    principalId: identities.web
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataReader)
  }
}

resource webExports 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(exports.id, identities.web, dataReader)
  scope: exports
  properties: {
    description: 'Hands out exports that the worker wrote; reading only.'
    principalId: identities.web
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', dataReader)
  }
}

resource workerBlobs 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, identities.worker, dataContributor)
  scope: account
  properties: {
    description: 'Reads and removes uploads, writes and erases recordings and exports: it does the work on all three containers. The bot has no role here.'
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
output endpoint string = account.properties.primaryEndpoints.blob
