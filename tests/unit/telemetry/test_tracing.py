"""Spans, kept in memory instead of being sent."""

from collections.abc import Callable, Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import StatusCode

from portal.telemetry.metrics import resource
from portal.telemetry.tracing import OpenTelemetryTracer

Make = Callable[[float], OpenTelemetryTracer]
SECRET = "+44 7700 900123"


@pytest.fixture
def exporter() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def make(exporter: InMemorySpanExporter) -> Iterator[Make]:
    made: list[OpenTelemetryTracer] = []

    def one(a_second: float) -> OpenTelemetryTracer:
        processor = SimpleSpanProcessor(exporter)
        made.append(OpenTelemetryTracer(processor, resource("web", "uk"), a_second))
        return made[-1]

    yield one
    for tracer in made:
        tracer.close()


def only(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = exporter.get_finished_spans()
    return span


def test_a_span_says_what_it_is_told(make: Make, exporter: InMemorySpanExporter) -> None:
    with make(100).span("import") as span:
        span.tell(source="genesys", rows=3)
    done = only(exporter)
    assert done.name == "import"
    assert dict(done.attributes or {}) == {"switchroom.source": "genesys", "switchroom.rows": 3}
    assert done.resource.attributes["cloud.region"] == "uk"


def test_what_is_no_fact_of_ours_is_left_out(make: Make, exporter: InMemorySpanExporter) -> None:
    with make(100).span("import") as span:
        span.tell(file=SECRET, organization="harbour", status=200)
    assert dict(only(exporter).attributes or {}) == {"switchroom.status": 200}


def test_an_error_is_told_by_its_type_alone(make: Make, exporter: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="7700"), make(100).span("import"):
        raise ValueError(SECRET)
    done = only(exporter)
    assert dict(done.attributes or {}) == {"switchroom.error": "ValueError"}
    assert done.status.status_code is StatusCode.ERROR
    assert (done.status.description, done.events) == (None, ())
    assert "7700" not in done.to_json()


def test_work_within_work_is_its_child(make: Make, exporter: InMemorySpanExporter) -> None:
    tracer = make(100)
    with tracer.span("outer"), tracer.span("inner"):
        pass
    inner, outer = exporter.get_finished_spans()
    assert inner.parent is not None
    assert outer.context is not None
    assert inner.parent.span_id == outer.context.span_id


def test_none_a_second_traces_nothing(make: Make, exporter: InMemorySpanExporter) -> None:
    with make(0).span("import") as span:
        span.tell(rows=1)
    assert exporter.get_finished_spans() == ()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the tracer sees, in a list to be set."""
    now = [1000.0]
    monkeypatch.setattr("portal.telemetry.tracing.monotonic", lambda: now[0])
    return now


def test_so_many_a_second_are_traced_and_no_more(
    make: Make, exporter: InMemorySpanExporter, clock: list[float]
) -> None:
    tracer = make(5)
    for _ in range(10_000):
        clock[0] += 0.001
        with tracer.span("request"):
            pass
    assert 54 <= len(exporter.get_finished_spans()) <= 56  # a second's worth at first


def test_after_a_quiet_time_one_seconds_worth_is_traced(
    make: Make, exporter: InMemorySpanExporter, clock: list[float]
) -> None:
    tracer = make(5)
    clock[0] += 3600
    for _ in range(100):
        with tracer.span("request"):
            pass
    assert len(exporter.get_finished_spans()) == 5


def test_less_than_one_a_second_is_traced_now_and_then(
    make: Make, exporter: InMemorySpanExporter, clock: list[float]
) -> None:
    tracer = make(0.1)
    for _ in range(1000):
        clock[0] += 0.1
        with tracer.span("request"):
            pass
    assert 10 <= len(exporter.get_finished_spans()) <= 12


def test_children_are_traced_with_their_parents_alone(
    make: Make, exporter: InMemorySpanExporter, clock: list[float]
) -> None:
    tracer = make(1)
    for _ in range(3):
        with tracer.span("outer"), tracer.span("inner"):
            pass
    assert [one.name for one in exporter.get_finished_spans()] == ["inner", "outer"]
    assert clock == [1000.0]
