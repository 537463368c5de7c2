// The store. Its containers are those of portal/adapters/storage/cosmos, written down by
// `python -m portal provision --store cosmos --describe`.
param name string
param location string
param subnet string
param zone string
param workspace string
param identities object
param tags object

var containers = loadJsonContent('../cosmos-containers.json').containers
var database = 'switchroom'

// Points in time can be restored for seven days. What was erased must not come back from a backup
// after the 30 days of an erasure: the tier of 30 days would keep it until the last of them.
var backupTier = 'Continuous7Days'

var dataContributor = '00000000-0000-0000-0000-000000000002'

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-05-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    // A second replica must see what was acknowledged. In one region this costs no latency to speak of.
    consistencyPolicy: {
      defaultConsistencyLevel: 'Strong'
    }
    locations: [
      {
        locationName: location
        failoverPriority: 0
        isZoneRedundant: true
      }
    ]
    enableAutomaticFailover: false
    enableMultipleWriteLocations: false
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    publicNetworkAccess: 'Disabled'
    networkAclBypass: 'None'
    ipRules: []
    isVirtualNetworkFilterEnabled: true
    virtualNetworkRules: []
    minimalTlsVersion: 'Tls12'
    backupPolicy: {
      type: 'Continuous'
      continuousModeProperties: {
        tier: backupTier
      }
    }
  }
}

resource store 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-05-15' = {
  parent: account
  name: database
  properties: {
    resource: {
      id: database
    }
  }
}

resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-05-15' = [for one in containers: {
  parent: store
  name: one.name
  properties: {
    resource: {
      id: one.name
      partitionKey: one.partitionKey
      defaultTtl: one.defaultTtl
      indexingPolicy: one.indexingPolicy
    }
    options: {
      autoscaleSettings: {
        maxThroughput: one.throughput
      }
    }
  }
}]

module endpoint 'endpoint.bicep' = {
  name: 'cosmos-endpoint'
  params: {
    name: '${name}-cosmos'
    location: location
    subnet: subnet
    zone: zone
    target: account.id
    part: 'Sql'
    tags: tags
  }
}

@description('Reads and writes documents for the requests of people; the control plane (keys, containers, backups) stays closed to it.')
resource webData 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-05-15' = {
  parent: account
  name: guid(account.id, identities.web, dataContributor)
  properties: {
    principalId: identities.web
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${database}'
  }
}

@description('Reads figures and writes alerts, conversations and the effects of buttons; the control plane stays closed to it.')
resource botData 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-05-15' = {
  parent: account
  name: guid(account.id, identities.bot, dataContributor)
  properties: {
    principalId: identities.bot
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${database}'
  }
}

@description('Writes contacts and pages of imports, and sends what waits; the control plane stays closed to it.')
resource workerData 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-05-15' = {
  parent: account
  name: guid(account.id, identities.worker, dataContributor)
  properties: {
    principalId: identities.worker
    roleDefinitionId: '${account.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${account.id}/dbs/${database}'
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: account
  properties: {
    workspaceId: workspace
    logAnalyticsDestinationType: 'Dedicated'
    // Without DataPlaneRequests' full query texts: those stay off unless somebody turns them on.
    logs: [
      {
        category: 'ControlPlaneRequests'
        enabled: true
      }
      {
        category: 'PartitionKeyRUConsumption'
        enabled: true
      }
    ]
    metrics: [
      {
        category: 'Requests'
        enabled: true
      }
    ]
  }
}

output id string = account.id
output endpoint string = account.properties.documentEndpoint
output database string = database
