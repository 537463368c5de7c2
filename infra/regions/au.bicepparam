using '../main.bicep'

param region = 'au'
param location = 'australiaeast'
param environmentName = 'prod'
param monthlyBudget = 1700
param alertAddresses = [
  'operators@example.com'
]
