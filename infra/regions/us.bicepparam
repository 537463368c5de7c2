using '../main.bicep'

param region = 'us'
param location = 'eastus2'
param environmentName = 'prod'
param monthlyBudget = 1500
param alertAddresses = [
  'operators@example.com'
]
