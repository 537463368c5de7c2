// One role of the image as a container app.
param name string

@allowed([
  'web'
  'bot'
  'worker'
])
param role string
param location string
param environmentId string
param image string
param imageIsProduct bool
param registryServer string

@description('The identity that pulls the image and reads the secret.')
param identityId string

@description('Every identity that the containers may use: its id, with an empty object.')
param carried object

@description('The client id of the identity that the stores know this role by.')
param clientId string
param settings array
param insightsSecret string

@description('Whether the internet may reach it. Others are reached by nobody.')
param isOpen bool
param rules array

@minValue(1)
param least int

@maxValue(30)
param most int
param tags object

var port = 3978
var probes = [
  {
    type: 'Startup'
    httpGet: {
      path: '/healthz'
      port: port
    }
    periodSeconds: 2
    failureThreshold: 30
  }
  {
    type: 'Liveness'
    httpGet: {
      path: '/healthz'
      port: port
    }
    periodSeconds: 10
    failureThreshold: 3
  }
  {
    type: 'Readiness'
    httpGet: {
      path: '/readyz'
      port: port
    }
    periodSeconds: 5
    failureThreshold: 3
  }
]
var ingress = {
  external: true
  allowInsecure: false
  targetPort: port
  transport: 'auto'
}

resource app 'Microsoft.App/containerApps@2024-03-01' = {
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': role })
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: carried
  }
  properties: {
    managedEnvironmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      ingress: isOpen ? ingress : null
      registries: [
        {
          server: registryServer
          identity: identityId
        }
      ]
      secrets: [
        {
          name: 'application-insights'
          keyVaultUrl: insightsSecret
          identity: identityId
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'switchroom'
          image: image
          env: concat(settings, [
            {
              name: 'SWITCHROOM_ROLES'
              value: role
            }
            {
              name: 'AZURE_CLIENT_ID'
              value: clientId
            }
          ])
          resources: {
            cpu: json('1.0')
            memory: '2Gi'
          }
          probes: imageIsProduct ? probes : []
          volumeMounts: [
            {
              volumeName: 'secrets'
              mountPath: '/secrets'
            }
            {
              volumeName: 'scratch'
              mountPath: '/scratch'
            }
          ]
        }
      ]
      scale: {
        minReplicas: least
        maxReplicas: most
        rules: rules
      }
      volumes: [
        {
          name: 'secrets'
          storageType: 'Secret'
          secrets: [
            {
              secretRef: 'application-insights'
              path: 'application-insights'
            }
          ]
        }
        {
          name: 'scratch'
          storageType: 'EmptyDir'
        }
      ]
    }
  }
}

output id string = app.id
