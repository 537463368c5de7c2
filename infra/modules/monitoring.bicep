// Where logs and telemetry go, and who is told. Both stay in the region, and are kept no longer
// than the erasure of a person may take.
param name string
param location string
param alertAddresses array
param identities object
param tags object

// Logs hold no personal data by construction; were some to slip in, it would be gone in time.
var keptDays = 30

var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: keptDays
    features: {
      disableLocalAuth: true
      enableLogAccessUsingOnlyResourcePermissions: true
      immediatePurgeDataOn30Days: true
    }
    workspaceCapping: {
      dailyQuotaGb: 10
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: name
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    IngestionMode: 'LogAnalytics'
    RetentionInDays: keptDays
    DisableLocalAuth: true
    DisableIpMasking: false
  }
}

resource webPublish 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identities.web, metricsPublisher)
  scope: insights
  properties: {
    description: 'Sends traces and metrics of requests; cannot read any.'
    principalId: identities.web
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

resource botPublish 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identities.bot, metricsPublisher)
  scope: insights
  properties: {
    description: 'Sends traces and metrics of turns; cannot read any.'
    principalId: identities.bot
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

resource workerPublish 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(insights.id, identities.worker, metricsPublisher)
  scope: insights
  properties: {
    description: 'Sends traces and metrics of imports and messages; cannot read any.'
    principalId: identities.worker
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

resource actionGroup 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'switchroom'
    emailReceivers: [for (address, index) in alertAddresses: {
      name: 'operator-${index}'
      emailAddress: address
      useCommonAlertSchema: true
    }]
  }
}

output workspace string = workspace.id
output insightsName string = insights.name
output actionGroup string = actionGroup.id
