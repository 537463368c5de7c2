using '../main.bicep'

param region = 'eu'
param location = 'swedencentral'
param environmentName = 'prod'
param monthlyBudget = 1500
param alertAddresses = [
  'operators@example.com'
]
