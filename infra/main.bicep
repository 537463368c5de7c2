// One region stamp of Switchroom: everything that holds the organisations of one region, and
// nothing that leaves it. Another region is another deployment with the parameters of regions/.
targetScope = 'subscription'

@description('The region that this stamp may hold organisations of, as SWITCHROOM_REGION says it.')
@allowed([
  'us'
  'uk'
  'eu'
  'au'
  'za'
])
param region string

@description('The Azure location of everything in the stamp; one that lies in the region.')
param location string

@description('Tells stamps of one region apart, such as prod and test.')
@minLength(2)
@maxLength(8)
param environmentName string = 'prod'

@description('Where the Bot Service keeps its own records of the bot. It has no location in most regions; the conversation itself lives in the Microsoft 365 tenant.')
param botLocation string = 'global'

@description('The image of the product, by digest. azd replaces it at its first deployment.')
param image string = 'mcr.microsoft.com/k8se/quickstart:latest'

@description('Whether the image is the product. The first deployment has none yet, so its processes are not probed.')
param imageIsProduct bool = false

@description('The id of the app in Teams, as manifest/ builds it.')
param teamsAppId string = ''

@description('The Azure Communication Services resource that sends mail, without a key: give the worker the role "Communication and Email Service Owner" on it. Without one no mail is sent.')
param mailEndpoint string = ''

@description('Whom mail comes from: an address of a domain that is connected to the resource.')
param mailFrom string = ''

@description('The client id that register_app.py printed; without one nobody signs in yet.')
param entraAppId string = ''

@description('What the product proves with that it is that app.')
param entraCredential string = ''

@description('The name of azd for what it deploys; empty without azd.')
param azdName string = environmentName

@description('Who hears of alerts and of the budget.')
@minLength(1)
param alertAddresses array

@description('The monthly budget in the currency of the subscription.')
@minValue(1)
param monthlyBudget int

@description('The first day of the month from which the budget counts, as yyyy-MM-01.')
param budgetStart string = utcNow('yyyy-MM-01')

var name = 'switchroom-${region}-${environmentName}'
var tags = {
  product: 'switchroom'
  region: region
  'azd-env-name': azdName
}

resource group 'Microsoft.Resources/resourceGroups@2024-03-01' = {
  name: name
  location: location
  tags: tags
}

module stamp 'stamp.bicep' = {
  name: 'stamp'
  scope: group
  params: {
    name: name
    region: region
    location: location
    botLocation: botLocation
    image: image
    imageIsProduct: imageIsProduct
    teamsAppId: teamsAppId
    mailEndpoint: mailEndpoint
    mailFrom: mailFrom
    entraAppId: entraAppId
    entraCredential: entraCredential
    alertAddresses: alertAddresses
    monthlyBudget: monthlyBudget
    budgetStart: budgetStart
    tags: tags
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = stamp.outputs.registryServer
output SWITCHROOM_PUBLIC_URL string = stamp.outputs.publicUrl
output SWITCHROOM_BOT_APP_ID string = stamp.outputs.botAppId
output SWITCHROOM_KEY_VAULT_URL string = stamp.outputs.vaultUrl
output SWITCHROOM_COSMOS_ENDPOINT string = stamp.outputs.cosmosEndpoint
