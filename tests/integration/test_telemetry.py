"""Nothing of what people send reaches metrics or traces, whatever they send and wherever."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from portal.web.operations import OPERATIONS
from tests.fakes.insights import Collector, collecting
from tests.integration import records
from tests.integration.canaries import CANARIES, MAIL, NAME, NUMBER, WORD, canary_records
from tests.integration.conftest import Make
from tests.integration.product import Product, wait_for

ACR, OPERATOR = "oliver.bright", "luca.moretti"
ENDLESS = {"dashboard_live"}


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


def forms(canary: str) -> set[bytes]:
    """The canary as it might have been written down."""
    plain = canary.encode()
    utf16 = canary.encode("utf-16-le")
    coded = {base64.b64encode(plain[cut:]).rstrip(b"=")[:-1] for cut in range(3)}
    return {plain, utf16, plain.hex().encode(), quote(canary).encode(), *coded}


def everything(product: Product) -> None:
    """Every operation, in order, against it and beside it, by several people."""
    for operation in OPERATIONS:
        if operation.name in ENDLESS:
            continue
        for person in (ACR, OPERATOR, "mei.tanaka"):
            for path in (operation.path, operation.path.replace("{id}", WORD)):
                for query in ({}, {"queue": NUMBER, "agent": NAME, WORD: MAIL}):
                    product.ask(
                        operation.method,
                        path.replace("{id}", quote(NUMBER)),
                        query=query,
                        token=product.token(person),
                        body=None if operation.method == "GET" else json.dumps({WORD: NUMBER}),
                        headers={"Content-Type": "application/json", "User-Agent": WORD},
                    )
    for path in (f"/{WORD}", f"/api/{WORD}", f"/tab/{WORD}.html", "/api/messages"):
        for method in ("GET", "POST", WORD.upper()):
            product.ask(method, path, body=json.dumps({"type": WORD, "text": NAME}))


def test_canaries_reach_neither_metrics_nor_traces(
    make: Make, tmp_path: Path, collector: Collector
) -> None:
    path = tmp_path / "insights"
    path.write_text(collector.connection, encoding="utf-8")
    product = make(
        SWITCHROOM_LOG_LEVEL="DEBUG",
        SWITCHROOM_APPLICATION_INSIGHTS_FILE=str(path),
        SWITCHROOM_TRACES_PER_SECOND="10000",
    ).start()
    for source, body in canary_records().items():
        options = {"queue_extensions": "610"} if source == "three-cx" else {}
        answer = product.upload(source, body, file_name=f"{NAME} {NUMBER}.json", **options)
        assert answer.status in {200, 202, 422}
        if answer.status == 202:
            product.followed(answer.json["id"])
    product.contract = None  # what is sent is mostly wrong
    everything(product)
    text, token = product.get("/metrics", OPERATOR).body, product.token(ACR)
    assert product.stop() == 0
    said = b"".join([text, *collector.bodies, product.logged().encode()])

    # What is searched must hold what it is searched in.
    assert {"import", "contacts", "dashboard_summary", "none"} <= spans(collector)
    assert {"switchroom.imports.rows", "switchroom.http.request.duration"} <= collector.metrics()
    assert b'switchroom_imports_rows_total{outcome="rejected",source="genesys"}' in text
    assert b'switchroom_guard_refusals_total{guard="bot",' in text
    for canary in CANARIES:
        for form in forms(canary):
            assert form not in said, (canary, form)
    assert token[-40:].encode() not in said


def spans(collector: Collector) -> set[str]:
    """The names of all spans."""
    return {one["name"] for one in collector.items("RemoteDependencyData")}


def test_a_collector_that_is_gone_does_not_hold_up_the_end(make: Make, tmp_path: Path) -> None:
    with collecting() as gone:
        connection = gone.connection
    path = tmp_path / "insights"
    path.write_text(connection, encoding="utf-8")
    product = make(SWITCHROOM_APPLICATION_INSIGHTS_FILE=str(path)).start()
    assert product.get("/healthz").status == 200
    assert product.stop(seconds=20) == 0


def test_what_was_imported_is_counted(make: Make) -> None:
    product = make().start()
    rows = [records.connect("2026-10-11", number) for number in range(3)]
    broken = {**rows[0], "ContactId": "x", "InitiationTimestamp": "never"}
    status = product.imported("amazon-connect", records.lines([*rows, broken]))
    assert (status["accepted"], status["rejected"]) == (3, 1)
    text = product.get("/metrics", OPERATOR).body.decode()
    counted = dict(line.rsplit(" ", 1) for line in text.splitlines() if line[0] != "#")
    source = 'source="amazon-connect"'
    assert counted[f'switchroom_imports_total{{{source},state="completed"}}'] == "1.0"
    assert counted[f'switchroom_imports_rows_total{{outcome="accepted",{source}}}'] == "3.0"
    assert counted[f'switchroom_imports_rows_total{{outcome="rejected",{source}}}'] == "1.0"
    assert counted[f"switchroom_imports_batch_duration_seconds_count{{{source}}}"] == "1.0"
    assert float(counted["switchroom_pages_settled_total"]) >= 1
    assert float(counted["switchroom_pages_settle_duration_seconds_count"]) >= 1
    lag = b"switchroom_event_loop_lag_seconds_count"
    wait_for(lambda: lag in product.get("/metrics", OPERATOR).body)
