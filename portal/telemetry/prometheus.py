"""The process's measures as Prometheus text, made when somebody asks."""

from time import time_ns
from typing import Any

from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics.export import MetricsData
from opentelemetry.sdk.resources import Resource
from prometheus_client import CollectorRegistry, generate_latest

from portal.measures import Measures
from portal.telemetry.metrics import provider, with_spreads


class _Reader(PrometheusMetricReader):
    """Receives spreads of durations too."""

    def __init__(self, measures: Measures, registry: CollectorRegistry) -> None:
        self._measures = measures
        self._since_ns = time_ns()
        super().__init__(scope_info_enabled=False, registry=registry)

    def _receive_metrics(
        self, metrics_data: MetricsData, timeout_millis: float = 10_000, **more: Any
    ) -> None:
        grown = with_spreads(self._measures, self._since_ns, metrics_data)
        super()._receive_metrics(grown, timeout_millis, **more)


class Text:
    """The text of one process's measures, in a registry of its own."""

    def __init__(self, measures: Measures, who: Resource) -> None:
        self._registry = CollectorRegistry(auto_describe=False)
        self._provider = provider(measures, _Reader(measures, self._registry), who)

    def render(self) -> bytes:
        """Everything that has been measured so far, in Prometheus's text format 0.0.4."""
        return generate_latest(self._registry)

    def close(self) -> None:
        """Ends collecting."""
        self._provider.shutdown()
