using '../main.bicep'

param region = 'za'
param location = 'southafricanorth'
param environmentName = 'prod'
param monthlyBudget = 1700
param alertAddresses = [
  'operators@example.com'
]
