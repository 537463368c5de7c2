"""Spans by OpenTelemetry."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span as Inner
from opentelemetry.trace import StatusCode

from portal import VERSION
from portal.tracing import FACTS, Fact, Span

LIMITS = SpanLimits(max_attributes=16, max_events=0, max_links=0, max_attribute_length=200)


class _Told:
    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def tell(self, **facts: Fact) -> None:
        for name, value in facts.items():
            if name in FACTS:
                self._inner.set_attribute(f"switchroom.{name}", value)
            if name == "error":
                self._inner.set_status(StatusCode.ERROR)


class OpenTelemetryTracer:
    """Spans of a share of the traces, handed to the processor when they end. Nothing that comes
    from outside decides about that share."""

    def __init__(self, processor: SpanProcessor, who: Resource, share: float) -> None:
        self._provider = TracerProvider(
            ParentBased(TraceIdRatioBased(share)),
            resource=who,
            shutdown_on_exit=False,
            span_limits=LIMITS,
        )
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("switchroom", VERSION)

    @contextmanager
    def span(self, name: str) -> Iterator[Span]:
        """A span around the body."""
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as inner:
            told = _Told(inner)
            try:
                yield told
            except BaseException as error:
                told.tell(error=type(error).__name__)
                raise

    def close(self) -> None:
        """Hands over what is left, and ends."""
        self._provider.shutdown()
