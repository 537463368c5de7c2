// An identity for each role of the process. That of the bot is also who it is to Teams; the
// worker, which sends the messages of alerts, carries it beside its own.
param name string
param location string
param tags object

resource web 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-web'
  location: location
  tags: tags
}

resource bot 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-bot'
  location: location
  tags: tags
}

resource worker 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-worker'
  location: location
  tags: tags
}

output ids object = {
  web: web.id
  bot: bot.id
  worker: worker.id
}
output clients object = {
  web: web.properties.clientId
  bot: bot.properties.clientId
  worker: worker.properties.clientId
}
output principals object = {
  web: web.properties.principalId
  bot: bot.properties.principalId
  worker: worker.properties.principalId
}
