"""The process's measures as OpenTelemetry metrics.

Counters and gauges are observable instruments, read when a reader collects. Spreads of durations
were put in their classes by whoever measured them, which OpenTelemetry has no instrument for; the
readers here add them to what they receive, in its own data model.
"""

from collections.abc import Callable, Iterable
from functools import partial
from time import time_ns
from typing import Any

from opentelemetry.metrics import CallbackOptions, Observation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Histogram,
    HistogramDataPoint,
    Metric,
    MetricReader,
    MetricsData,
    ResourceMetrics,
)
from opentelemetry.sdk.resources import Resource

from portal import VERSION
from portal.measures import SECONDS, Measures, Name
from portal.measures import Histogram as Measured

PREFIX = "switchroom."


def resource(role: str, region: str) -> Resource:
    """Who tells: the product, its role and its region. Nothing of the machine."""
    return Resource(
        {
            "service.name": f"switchroom-{role}",
            "service.namespace": "switchroom",
            "service.version": VERSION,
            "cloud.region": region,
        }
    )


def provider(measures: Measures, reader: MetricReader, who: Resource) -> MeterProvider:
    """Collects the measures into the reader; close it with `shutdown`."""
    made = MeterProvider([reader], resource=who, shutdown_on_exit=False)
    meter = made.get_meter("switchroom", VERSION)
    for index, counter in enumerate(measures.counters):
        name = counter.name
        observe = partial(_observe, name, partial(_counter, measures, index))
        meter.create_observable_counter(PREFIX + name.name, [observe], name.unit, name.says)
    for gauge in measures.gauges:
        name = gauge.name
        observe = partial(_observe, name, gauge.read)
        meter.create_observable_gauge(PREFIX + name.name, [observe], name.unit, name.says)
    return made


def _counter(measures: Measures, index: int) -> Any:
    return measures.counters[index].read()


def _observe(name: Name, read: Callable[[], Any], _: CallbackOptions) -> Iterable[Observation]:
    return [
        Observation(value, dict(zip(name.labels, labels, strict=True)))
        for labels, value in read().items()
    ]


def with_spreads(measures: Measures, since_ns: int, collected: MetricsData) -> MetricsData:
    """What was collected, with the spreads of durations beside it. `since_ns` is when they began
    to be counted."""
    now_ns = time_ns()
    spreads = [_spread(one, since_ns, now_ns) for one in measures.histograms if one.read()]
    grown = []
    for outer in collected.resource_metrics:
        inner = [
            type(scope)(scope.scope, [*scope.metrics, *spreads], scope.schema_url)
            for scope in outer.scope_metrics
        ]
        grown.append(ResourceMetrics(outer.resource, inner, outer.schema_url))
    return MetricsData(grown)


def _spread(measured: Measured, since_ns: int, now_ns: int) -> Metric:
    name = measured.name
    points = [
        HistogramDataPoint(
            attributes=dict(zip(name.labels, labels, strict=True)),
            start_time_unix_nano=since_ns,
            time_unix_nano=now_ns,
            count=spread.total,
            sum=spread.sum,
            bucket_counts=spread.counts,
            explicit_bounds=SECONDS,
            min=0.0,
            max=0.0,
        )
        for labels, spread in measured.read().items()
    ]
    data = Histogram(points, AggregationTemporality.CUMULATIVE)
    return Metric(PREFIX + name.name, name.says, name.unit, data)
