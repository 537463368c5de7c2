"""What Application Insights is sent by the official exporter, over loopback."""

import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

import app
from portal.measures import Measures
from portal.settings import Settings
from portal.telemetry.azure import KEPT_TO_ITSELF, ApplicationInsights, identity
from portal.telemetry.metrics import resource
from portal.wiring import Services
from tests.fakes.insights import Collector, collecting

CLIENT = "0d0c7c0e-1f8a-4a53-8c65-2d6b0e1c9a77"
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


def test_the_platform_says_who_the_process_is() -> None:
    bare = identity({"AZURE_CLIENT_SECRET": "x", "AZURE_CLIENT_ID": CLIENT})
    assert kinds(bare) == ["ManagedIdentityCredential"]
    federated = {
        "AZURE_CLIENT_ID": CLIENT,
        "AZURE_TENANT_ID": CLIENT,
        "AZURE_FEDERATED_TOKEN_FILE": "token",
    }
    assert kinds(identity(federated)) == ["WorkloadIdentityCredential", "ManagedIdentityCredential"]


def kinds(chain: Any) -> list[str]:
    return [type(one).__name__ for one in chain.credentials]


@pytest.mark.parametrize(("env", "by_identity"), [("production", True), ("development", False)])
def test_outside_development_nothing_is_sent_by_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, env: Any, by_identity: bool
) -> None:
    given: list[Any] = []

    class Noted:
        def __init__(self, connection: str, *_: Any, credential: Any, **__: Any) -> None:
            given.append((connection, credential is not None))

    monkeypatch.setattr("portal.telemetry.azure.ApplicationInsights", Noted)
    path = tmp_path / "insights"
    connection = f"InstrumentationKey={CLIENT};IngestionEndpoint=https://in.example.com/"
    path.write_text(connection, encoding="utf-8")
    settings = Settings(
        env=env,
        region="uk",
        data_dir=tmp_path / "data",
        key_file=tmp_path / "data.key",
        sample="off",
        application_insights_file=path,
    )
    app._insights(cast(Services, SimpleNamespace(measures=Measures())), settings)
    assert given == [(connection, by_identity)]
