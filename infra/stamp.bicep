// What main.bicep makes in its resource group, and how the parts know each other.
param name string
param region string
param location string
param botLocation string
param image string
param imageIsProduct bool
param teamsAppId string
param mailEndpoint string
param mailFrom string
param entraAppId string
param entraCredential string
param alertAddresses array
param monthlyBudget int
param budgetStart string
param tags object

// Names of vaults, accounts and registries are one for the whole of Azure.
var unique = uniqueString(subscription().id, name)

module network 'modules/network.bicep' = {
  name: 'network'
  params: {
    name: name
    location: location
    tags: tags
  }
}

module identities 'modules/identities.bicep' = {
  name: 'identities'
  params: {
    name: name
    location: location
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: name
    location: location
    alertAddresses: alertAddresses
    identities: identities.outputs.principals
    tags: tags
  }
}

module vault 'modules/vault.bicep' = {
  name: 'vault'
  params: {
    name: 'sr-${region}-${unique}'
    location: location
    subnet: network.outputs.endpointSubnet
    zone: network.outputs.vaultZone
    workspace: monitoring.outputs.workspace
    insightsName: monitoring.outputs.insightsName
    identities: identities.outputs.principals
    tags: tags
  }
}

module cosmos 'modules/cosmos.bicep' = {
  name: 'cosmos'
  params: {
    name: 'sr-${region}-${unique}'
    location: location
    subnet: network.outputs.endpointSubnet
    zone: network.outputs.cosmosZone
    workspace: monitoring.outputs.workspace
    identities: identities.outputs.principals
    tags: tags
  }
}

module storage 'modules/storage.bicep' = {
  name: 'storage'
  params: {
    name: 'sr${region}${unique}'
    region: region
    location: location
    subnet: network.outputs.endpointSubnet
    zone: network.outputs.blobZone
    workspace: monitoring.outputs.workspace
    identities: identities.outputs.principals
    tags: tags
  }
}

module registry 'modules/registry.bicep' = {
  name: 'registry'
  params: {
    name: 'sr${region}${unique}'
    location: location
    workspace: monitoring.outputs.workspace
    identities: identities.outputs.principals
    tags: tags
  }
}

module environment 'modules/environment.bicep' = {
  name: 'environment'
  params: {
    name: name
    location: location
    subnet: network.outputs.appSubnet
    workspace: monitoring.outputs.workspace
    tags: tags
  }
}

module apps 'modules/apps.bicep' = {
  name: 'apps'
  params: {
    name: name
    region: region
    location: location
    environmentId: environment.outputs.id
    environmentDomain: environment.outputs.domain
    image: image
    imageIsProduct: imageIsProduct
    registryServer: registry.outputs.server
    ids: identities.outputs.ids
    clients: identities.outputs.clients
    teamsAppId: teamsAppId
    mailEndpoint: mailEndpoint
    mailFrom: mailFrom
    entraAppId: entraAppId
    entraCredential: entraCredential
    vaultUrl: vault.outputs.url
    insightsSecret: vault.outputs.insightsSecret
    cosmosEndpoint: cosmos.outputs.endpoint
    cosmosDatabase: cosmos.outputs.database
    blobUrl: storage.outputs.url
    tags: tags
  }
}

module bot 'modules/bot.bicep' = {
  name: 'bot'
  params: {
    name: '${name}-bot'
    location: botLocation
    endpoint: apps.outputs.messagesUrl
    identityId: identities.outputs.ids.bot
    clientId: identities.outputs.clients.bot
    workspace: monitoring.outputs.workspace
    tags: tags
  }
}

module alerts 'modules/alerts.bicep' = {
  name: 'alerts'
  params: {
    name: name
    location: location
    actionGroup: monitoring.outputs.actionGroup
    workspace: monitoring.outputs.workspace
    cosmosId: cosmos.outputs.id
    vaultId: vault.outputs.id
    storageId: storage.outputs.id
    appIds: apps.outputs.ids
    tags: tags
  }
}

module budget 'modules/budget.bicep' = {
  name: 'budget'
  params: {
    name: name
    amount: monthlyBudget
    start: budgetStart
    addresses: alertAddresses
  }
}

output registryServer string = registry.outputs.server
output publicUrl string = apps.outputs.publicUrl
output botAppId string = identities.outputs.clients.bot
output vaultUrl string = vault.outputs.url
output cosmosEndpoint string = cosmos.outputs.endpoint
