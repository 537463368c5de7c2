"""Spans by OpenTelemetry."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from time import monotonic

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.trace import Span as Inner
from opentelemetry.trace import StatusCode, get_current_span

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


class _Untold:
    def tell(self, **facts: Fact) -> None:
        """Nobody listens."""


UNTRACED: AbstractContextManager[Span] = nullcontext(_Untold())


class OpenTelemetryTracer:
    """Spans of so many pieces of work a second at most, handed to the processor when they end.

    A span that is sent costs as much as several confirmed answers, so under load a share would cost
    more than the work. Who is traced is decided here, by nothing that comes from outside and before
    OpenTelemetry has anything to do.
    """

    def __init__(self, processor: SpanProcessor, who: Resource, a_second: float) -> None:
        self._a_second = a_second
        self._left, self._looked = max(a_second, 1.0), monotonic()
        self._open = 0
        self._provider = TracerProvider(resource=who, shutdown_on_exit=False, span_limits=LIMITS)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("switchroom", VERSION)

    def span(self, name: str) -> AbstractContextManager[Span]:
        """A span around the body: within a traced one always, else while there is room."""
        if (self._open and get_current_span().is_recording()) or self._has_room():
            return self._traced(name)
        return UNTRACED

    def _has_room(self) -> bool:
        """Takes one of the second's traces, if one is left."""
        now = monotonic()
        gained = (now - self._looked) * self._a_second
        self._left, self._looked = min(self._left + gained, max(self._a_second, 1.0)), now
        if self._left < 1 or not self._a_second:
            return False
        self._left -= 1
        return True

    @contextmanager
    def _traced(self, name: str) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name, record_exception=False, set_status_on_exception=False
        ) as inner:
            told = _Told(inner)
            self._open += 1
            try:
                yield told
            except BaseException as error:
                told.tell(error=type(error).__name__)
                raise
            finally:
                self._open -= 1

    def close(self) -> None:
        """Hands over what is left, and ends."""
        self._provider.shutdown()
