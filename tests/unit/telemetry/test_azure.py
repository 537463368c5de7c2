"""What Application Insights is sent by the official exporter, over loopback."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from portal.measures import Measures
from portal.telemetry.azure import KEPT_TO_ITSELF, ApplicationInsights
from portal.telemetry.metrics import resource
from tests.fakes.insights import Collector, collecting

SECRET = "+44 7700 900123"


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def insights(
    collector: Collector, measures: Measures, every_ms: float = 60_000
) -> ApplicationInsights:
    who = resource("worker", "au")
    return ApplicationInsights(
        collector.connection, measures, who, traces_a_second=100, credential=None, every_ms=every_ms
    )


def test_closing_sends_what_was_measured_and_traced(collector: Collector) -> None:
    measures = Measures()
    sending = insights(collector, measures)
    measures.requests.record(0.3, ("dashboard_summary", "2xx"))
    measures.imports.add("genesys", "completed")
    with sending.tracer.span("import") as span:
        span.tell(source="genesys", rows=3)
    sending.close()
    assert {"switchroom.http.request.duration", "switchroom.imports"} <= collector.metrics()
    (done,) = collector.items("RemoteDependencyData")
    assert (done["name"], done["properties"]["switchroom.source"]) == ("import", "genesys")


def test_measures_are_sent_time_after_time(collector: Collector) -> None:
    sending = insights(collector, Measures(), every_ms=50)
    assert collector.arrived.wait(30)
    sending.close()
    assert "switchroom.process.start" in collector.metrics()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_place_that_refuses_harms_nobody(collector: Collector) -> None:
    collector.status = 400
    sending = insights(collector, Measures())
    with pytest.raises(ValueError, match="7700"), sending.tracer.span("import"):
        raise ValueError(SECRET)
    sending.close()
    assert collector.bodies
    assert not [body for body in collector.bodies if b"7700" in body]


def test_nobody_else_is_asked_or_told_anything(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, look_up = [], socket.getaddrinfo

    def noted(host: Any, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        return look_up(host, *rest, **more)

    for name in KEPT_TO_ITSELF:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", noted)
    sending = insights(collector, Measures(), every_ms=50)
    assert collector.arrived.wait(30)
    sending.close()
    assert set(asked) == {"127.0.0.1"}
