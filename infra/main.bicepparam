// What `azd up` reads; `azd env set` sets the variables. A region's own file is in regions/.
using 'main.bicep'

param region = readEnvironmentVariable('SWITCHROOM_REGION', 'eu')
param location = readEnvironmentVariable('AZURE_LOCATION', 'swedencentral')
param environmentName = readEnvironmentVariable('SWITCHROOM_ENVIRONMENT', 'prod')
param azdName = readEnvironmentVariable('AZURE_ENV_NAME', 'prod')
param entraAppId = readEnvironmentVariable('SWITCHROOM_ENTRA_APP_ID', '')
param entraCredential = readEnvironmentVariable('SWITCHROOM_ENTRA_CREDENTIAL', '')
param teamsAppId = readEnvironmentVariable('SWITCHROOM_TEAMS_APP_ID', '')
param mailEndpoint = readEnvironmentVariable('SWITCHROOM_MAIL_ENDPOINT', '')
param mailFrom = readEnvironmentVariable('SWITCHROOM_MAIL_FROM', '')
param image = readEnvironmentVariable('SERVICE_WEB_IMAGE_NAME', 'mcr.microsoft.com/k8se/quickstart:latest')
param imageIsProduct = readEnvironmentVariable('SERVICE_WEB_IMAGE_NAME', '') != ''
param monthlyBudget = int(readEnvironmentVariable('SWITCHROOM_MONTHLY_BUDGET', '1500'))
param alertAddresses = split(readEnvironmentVariable('SWITCHROOM_ALERT_ADDRESSES', 'operators@example.com'), ',')
