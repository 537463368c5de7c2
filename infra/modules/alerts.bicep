// What wakes an operator. The queries read the product's own logs and metrics, whose names are in
// docs/operations.md.
param name string
param location string
param actionGroup string
param workspace string
param cosmosId string
param vaultId string
param storageId string
param appIds array
param tags object

resource throttled 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-cosmos-throttled'
  location: 'global'
  tags: tags
  properties: {
    description: 'Cosmos refuses requests for want of throughput (429): imports slow down.'
    enabled: true
    severity: 2
    scopes: [
      cosmosId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'refused'
          metricNamespace: 'Microsoft.DocumentDB/databaseAccounts'
          metricName: 'TotalRequests'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 100
          dimensions: [
            {
              name: 'StatusCode'
              operator: 'Include'
              values: [
                '429'
              ]
            }
          ]
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup
      }
    ]
  }
}

resource vaultUnavailable 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-vault-unavailable'
  location: 'global'
  tags: tags
  properties: {
    description: 'The vault fails: processes go on for minutes on the keys that they hold.'
    enabled: true
    severity: 1
    scopes: [
      vaultId
    ]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'availability'
          metricNamespace: 'Microsoft.KeyVault/vaults'
          metricName: 'Availability'
          timeAggregation: 'Average'
          operator: 'LessThan'
          threshold: 99
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup
      }
    ]
  }
}

resource storageUnavailable 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-storage-unavailable'
  location: 'global'
  tags: tags
  properties: {
    description: 'Blob storage fails: uploads and recordings are refused.'
    enabled: true
    severity: 2
    scopes: [
      storageId
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'availability'
          metricNamespace: 'Microsoft.Storage/storageAccounts'
          metricName: 'Availability'
          timeAggregation: 'Average'
          operator: 'LessThan'
          threshold: 99
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup
      }
    ]
  }
}

resource restarts 'Microsoft.Insights/metricAlerts@2018-03-01' = [for (id, index) in appIds: {
  name: '${name}-restarts-${index}'
  location: 'global'
  tags: tags
  properties: {
    description: 'A container restarts again and again.'
    enabled: true
    severity: 1
    scopes: [
      id
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          criterionType: 'StaticThresholdCriterion'
          name: 'restarts'
          metricNamespace: 'Microsoft.App/containerApps'
          metricName: 'RestartCount'
          timeAggregation: 'Maximum'
          operator: 'GreaterThan'
          threshold: 3
        }
      ]
    }
    actions: [
      {
        actionGroupId: actionGroup
      }
    ]
  }
}]

resource errors 'Microsoft.Insights/scheduledQueryRules@2023-03-15-preview' = {
  name: '${name}-errors'
  location: location
  tags: tags
  properties: {
    displayName: '${name}: errors in the log'
    description: 'Records of level ERROR: a bug, or a store that fails.'
    enabled: true
    severity: 1
    scopes: [
      workspace
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: 'ContainerAppConsoleLogs | extend said = parse_json(Log) | where said.level == "ERROR"'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 5
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroup
      ]
    }
  }
}

resource waiting 'Microsoft.Insights/scheduledQueryRules@2023-03-15-preview' = {
  name: '${name}-outbox'
  location: location
  tags: tags
  properties: {
    displayName: '${name}: messages wait too long'
    description: 'More than 100 messages have waited to be sent for a quarter of an hour.'
    enabled: true
    severity: 2
    scopes: [
      workspace
    ]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    skipQueryValidation: true
    criteria: {
      allOf: [
        {
          query: 'AppMetrics | where Name == "switchroom.outbox.waiting" | summarize least = min(Sum / ItemCount) | where least > 100'
          timeAggregation: 'Count'
          operator: 'GreaterThan'
          threshold: 0
          failingPeriods: {
            numberOfEvaluationPeriods: 1
            minFailingPeriodsToAlert: 1
          }
        }
      ]
    }
    actions: {
      actionGroups: [
        actionGroup
      ]
    }
  }
}
