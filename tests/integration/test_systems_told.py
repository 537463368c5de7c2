"""A system outside hears of incidents from a process that is killed again and again: of each line
once, in order."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import receiver
from tests.integration.conftest import Make
from tests.integration.product import Product, wait_for
from tests.unit.messaging import servers

AGENT, RESPONDER, REPRESENTATIVE = "amira.khan", "tomas.silva", "oliver.bright"
KILLS = 3
BEHIND_THE_HOLD_S = 150
"""A kill may meet a delivery on its way; it is sent again once its hold is over."""


@pytest.fixture
def system(tmp_path: Path) -> Iterator[receiver.Receiver]:
    _, pem = servers.certificate(tmp_path)
    with receiver.listening(pem) as found:
        yield found


def posted(product: Product, path: str, person: str, **body: Any) -> Any:
    headers = {"Content-Type": "application/json"}
    path, _, asked = path.partition("?")
    answer = product.ask(
        "POST",
        path,
        query=asked,
        token=product.token(person),
        body=json.dumps(body),
        headers=headers,
    )
    assert answer.status in {200, 201}, answer.body
    return answer.json


def sent(product: Product, id: str, count: int) -> list[dict[str, Any]]:
    """The log of the system once so many lines are there and none waits."""

    def settled() -> list[dict[str, Any]] | None:
        path = f"/api/incidents/receivers/{id}/forwards"
        found: list[dict[str, Any]] = product.get(path, REPRESENTATIVE).json["forwards"]
        return found if [one["stage"] for one in found] == ["sent"] * count else None

    return wait_for(settled, BEHIND_THE_HOLD_S)


def test_what_was_committed_before_a_kill_is_told_once(
    make: Make, tmp_path: Path, system: receiver.Receiver
) -> None:
    product = make(SSL_CERT_FILE=str(tmp_path / "ca.pem")).start()
    made = posted(
        product,
        "/api/incidents/receivers",
        REPRESENTATIVE,
        name="SIEM",
        way="webhook",
        target=system.url,
    )
    system.secret = made["secret"]
    reported = posted(product, "/api/incidents", AGENT, category="phishing", what="Kanarienvogel")
    words = f"/api/incidents/{reported['id']}/words"
    for version in range(1, KILLS + 1):
        sent(product, made["id"], version)
        posted(product, f"{words}?version={version}", RESPONDER, kind="note", text="Kanarienvogel")
        product.stop(signal.SIGKILL)
        product.start()
    log = sent(product, made["id"], KILLS + 1)
    assert [json.loads(one.body)["sequence"] for one in system.taken] == [1, 2, 3, 4]
    assert system.refused == []
    assert "Kanarienvogel" not in str(system.raw)
    assert "Kanarienvogel" not in product.logged()
    assert {one.id for one in system.taken} == {one["delivery"] for one in log}
