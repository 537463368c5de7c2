// The one image in its three roles. Each carries its own identity; the worker carries the bot's
// too, as the messages of alerts are the bot's.
param name string
param region string
param location string
param environmentId string
param environmentDomain string
param image string
param imageIsProduct bool
param registryServer string
param ids object
param clients object
param teamsAppId string
param mailEndpoint string
param mailFrom string
param entraAppId string
param entraCredential string
param vaultUrl string
param insightsSecret string
param cosmosEndpoint string
param cosmosDatabase string
param blobUrl string
param tags object

var publicUrl = 'https://${name}-web.${environmentDomain}'

var common = [
  {
    name: 'SWITCHROOM_ENV'
    value: 'production'
  }
  {
    name: 'SWITCHROOM_REGION'
    value: region
  }
  {
    name: 'SWITCHROOM_HOST'
    value: '0.0.0.0'
  }
  {
    name: 'SWITCHROOM_DATA_DIR'
    value: '/scratch/data'
  }
  {
    name: 'SWITCHROOM_STORE'
    value: 'cosmos'
  }
  {
    name: 'SWITCHROOM_COSMOS_ENDPOINT'
    value: cosmosEndpoint
  }
  {
    name: 'SWITCHROOM_COSMOS_DATABASE'
    value: cosmosDatabase
  }
  {
    name: 'SWITCHROOM_KEY_VAULT_URL'
    value: vaultUrl
  }
  {
    name: 'SWITCHROOM_BLOB_URL'
    value: blobUrl
  }
  {
    name: 'SWITCHROOM_PUBLIC_URL'
    value: publicUrl
  }
  {
    name: 'SWITCHROOM_TEAMS_APP_ID'
    value: teamsAppId
  }
  {
    name: 'SWITCHROOM_MAIL_ENDPOINT'
    value: mailEndpoint
  }
  {
    name: 'SWITCHROOM_MAIL_FROM'
    value: mailFrom
  }
  {
    name: 'SWITCHROOM_ENTRA_APP_ID'
    value: entraAppId
  }
  {
    name: 'SWITCHROOM_ENTRA_CREDENTIAL'
    value: entraCredential
  }
  {
    name: 'SWITCHROOM_APPLICATION_INSIGHTS_FILE'
    value: '/secrets/application-insights'
  }
]

var conversing = [
  {
    name: 'SWITCHROOM_BOT'
    value: 'on'
  }
  {
    name: 'SWITCHROOM_BOT_APP_ID'
    value: clients.bot
  }
  {
    name: 'SWITCHROOM_BOT_TENANT_ID'
    value: subscription().tenantId
  }
  {
    name: 'SWITCHROOM_BOT_CREDENTIAL'
    value: 'managed_identity'
  }
]

module web 'app.bicep' = {
  name: 'web'
  params: {
    name: '${name}-web'
    role: 'web'
    location: location
    environmentId: environmentId
    image: image
    imageIsProduct: imageIsProduct
    registryServer: registryServer
    identityId: ids.web
    carried: {
      '${ids.web}': {}
    }
    clientId: clients.web
    settings: common
    insightsSecret: insightsSecret
    isOpen: true
    // Streams of open tabs count as requests under way, and cost little.
    rules: [
      {
        name: 'requests'
        http: {
          metadata: {
            concurrentRequests: '400'
          }
        }
      }
      {
        name: 'processor'
        custom: {
          type: 'cpu'
          metadata: {
            type: 'Utilization'
            value: '65'
          }
        }
      }
    ]
    least: 2
    most: 10
    tags: tags
  }
}

module bot 'app.bicep' = {
  name: 'bot'
  params: {
    name: '${name}-bot'
    role: 'bot'
    location: location
    environmentId: environmentId
    image: image
    imageIsProduct: imageIsProduct
    registryServer: registryServer
    identityId: ids.bot
    carried: {
      '${ids.bot}': {}
    }
    clientId: clients.bot
    settings: concat(common, conversing)
    insightsSecret: insightsSecret
    isOpen: true
    rules: [
      {
        name: 'turns'
        http: {
          metadata: {
            concurrentRequests: '40'
          }
        }
      }
    ]
    least: 2
    most: 10
    tags: tags
  }
}

module worker 'app.bicep' = {
  name: 'worker'
  params: {
    name: '${name}-worker'
    role: 'worker'
    location: location
    environmentId: environmentId
    image: image
    imageIsProduct: imageIsProduct
    registryServer: registryServer
    identityId: ids.worker
    carried: {
      '${ids.worker}': {}
      '${ids.bot}': {}
    }
    clientId: clients.worker
    settings: concat(common, conversing)
    insightsSecret: insightsSecret
    isOpen: false
    // One always works: alerts are looked at every minute. More come while files are being read.
    rules: [
      {
        name: 'processor'
        custom: {
          type: 'cpu'
          metadata: {
            type: 'Utilization'
            value: '60'
          }
        }
      }
    ]
    least: 1
    most: 4
    tags: tags
  }
}

output publicUrl string = publicUrl
output messagesUrl string = 'https://${name}-bot.${environmentDomain}/api/messages'
output ids array = [
  web.outputs.id
  bot.outputs.id
  worker.outputs.id
]
