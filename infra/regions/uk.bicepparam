using '../main.bicep'

param region = 'uk'
param location = 'uksouth'
param environmentName = 'prod'
param monthlyBudget = 1500
param alertAddresses = [
  'operators@example.com'
]
