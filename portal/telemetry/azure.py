"""Measures and spans into Application Insights."""

import os
from collections.abc import Mapping
from time import time_ns
from typing import Any

from azure.core.credentials import TokenCredential
from azure.identity import (
    ChainedTokenCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)
from opentelemetry.sdk.metrics.export import (
    MetricExporter,
    MetricsData,
    PeriodicExportingMetricReader,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from portal.measures import Measures
from portal.telemetry.metrics import provider, with_spreads
from portal.telemetry.tracing import OpenTelemetryTracer

EVERY_MS = 60_000

# The exporter tells Microsoft of its own use and fetches orders for itself, at addresses outside
# the region, unless told not to.
KEPT_TO_ITSELF = {
    "APPLICATIONINSIGHTS_CONTROLPLANE_DISABLED": "true",
    "APPLICATIONINSIGHTS_STATSBEAT_DISABLED_ALL": "true",
    "APPLICATIONINSIGHTS_SDKSTATS_DISABLED": "true",
}


def identity(environment: Mapping[str, str] = os.environ) -> TokenCredential:
    """Who the process is to Azure by what the platform gives it: a federated token, else a managed
    identity. Never a stored secret."""
    links: list[TokenCredential] = []
    if environment.get("AZURE_FEDERATED_TOKEN_FILE"):
        links.append(
            WorkloadIdentityCredential(
                tenant_id=environment.get("AZURE_TENANT_ID"),
                client_id=environment.get("AZURE_CLIENT_ID"),
                token_file_path=environment["AZURE_FEDERATED_TOKEN_FILE"],
            )
        )
    links.append(ManagedIdentityCredential(client_id=environment.get("AZURE_CLIENT_ID")))
    return ChainedTokenCredential(*links)


class _Reader(PeriodicExportingMetricReader):
    """Sends spreads of durations too."""

    def __init__(self, measures: Measures, exporter: MetricExporter, every_ms: float) -> None:
        self._measures = measures
        self._since_ns = time_ns()
        super().__init__(exporter, export_interval_millis=every_ms)

    def _receive_metrics(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **more: Any
    ) -> None:
        grown = with_spreads(self._measures, self._since_ns, metrics_data)
        super()._receive_metrics(grown, timeout_millis, **more)


class ApplicationInsights:
    """Sends from threads of its own until it is closed; trouble there never reaches the product.
    Nothing is kept on disk. Without a credential the component has to take its own key."""

    def __init__(
        self,
        connection: str,
        measures: Measures,
        who: Resource,
        *,
        traces_a_second: float,
        credential: TokenCredential | None,
        every_ms: float = EVERY_MS,
    ) -> None:
        os.environ.update(KEPT_TO_ITSELF)
        from azure.monitor.opentelemetry.exporter import (
            AzureMonitorMetricExporter,
            AzureMonitorTraceExporter,
        )

        options: dict[str, Any] = {
            "connection_string": connection,
            "disable_offline_storage": True,
            "credential": credential,
        }
        spans = BatchSpanProcessor(AzureMonitorTraceExporter(**options))
        self.tracer = OpenTelemetryTracer(spans, who, traces_a_second)
        metrics = AzureMonitorMetricExporter(**options)
        self._provider = provider(measures, _Reader(measures, metrics, every_ms), who)

    def close(self) -> None:
        """Sends what is left, and ends."""
        self.tracer.close()
        self._provider.shutdown()
