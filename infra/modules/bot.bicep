// The bot as Teams knows it: of one tenant, with a managed identity instead of a password, in the
// Teams channel and no other.
param name string
param location string
param endpoint string
param identityId string
param clientId string
param workspace string
param tags object

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: name
  location: location
  tags: tags
  kind: 'azurebot'
  sku: {
    name: 'S1'
  }
  properties: {
    displayName: 'Switchroom'
    endpoint: endpoint
    msaAppType: 'UserAssignedMSI'
    msaAppId: clientId
    msaAppTenantId: subscription().tenantId
    msaAppMSIResourceId: identityId
    disableLocalAuth: true
    isStreamingSupported: false
    schemaTransformationVersion: '1.3'
    // Teams reaches the bot service from outside any network of ours.
    publicNetworkAccess: 'Enabled'
  }
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: location
  properties: {
    channelName: 'MsTeamsChannel'
    properties: {
      acceptedTerms: true
      enableCalling: false
      isEnabled: true
    }
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'logs'
  scope: bot
  properties: {
    workspaceId: workspace
    logs: [
      {
        category: 'BotRequest'
        enabled: true
      }
    ]
  }
}
