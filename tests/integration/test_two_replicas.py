"""Two replicas on Cosmos DB take files in at once; one of them is killed in the middle of a batch,
and what it had sent arrives after the other has gone on."""

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from aiohttp import web

from tests.cosmos import faults, stand_in
from tests.cosmos.faults import Fault
from tests.integration.conftest import Make
from tests.integration.product import Product, wait_for
from tests.unit.contacts.vendor_files import connect, lines

RECORDS = 5000
"""More than one batch."""
SHARED = 1000
"""Records that are in both files."""
BEFORE = 100
DAYS = 6
PATIENCE_S = 180
"""For two files behind a lease that has to run out first."""


def record(number: int) -> bytes:
    """A contact of its own on one of a few days."""
    text = json.dumps(connect(number)).replace("2026-04-08", f"2026-04-{8 + number % DAYS:02d}")
    return text.encode()


def file_of(first: int, count: int) -> bytes:
    return lines(*map(record, range(first, first + count)))


class Committing:
    """The write that decides over a batch: the first one among the organisation's documents behind
    the lease and what was staged in the journal."""

    def __init__(self) -> None:
        self._prepared = 0

    def __call__(self, request: web.Request) -> bool:
        if not faults.batches(request):
            return False
        where = faults.partition(request)
        self._prepared += where.endswith("|journal")
        return self._prepared >= 3 and "/colls/documents/" in request.path and "|" in where


class CarryingOut:
    """What is left to write of a committed batch behind the contacts of its first day."""

    def __init__(self) -> None:
        self._days = 0

    def __call__(self, request: web.Request) -> bool:
        is_day = faults.batches(request) and "|d|" in faults.partition(request)
        self._days += is_day
        return is_day and self._days > 1


def replicas(
    make: Make, cosmos: stand_in.StandIn, through: str, folder: Path
) -> tuple[Product, Product]:
    """Two servers, not yet started, that share the store, the keys and the files; the first one
    reaches the store by the other endpoint."""
    key = folder / "cosmos.key"
    key.write_text(stand_in.KEY)
    shared = {
        "SWITCHROOM_STORE": "cosmos",
        "SWITCHROOM_COSMOS_DATABASE": f"replicas-{uuid4().hex}",
        "SWITCHROOM_COSMOS_KEY_FILE": str(key),
        "SWITCHROOM_DATA_DIR": str(folder / "data"),
    }
    first = make(**shared, SWITCHROOM_COSMOS_ENDPOINT=through)
    second = make(**shared, SWITCHROOM_COSMOS_ENDPOINT=cosmos.endpoint)
    assert second.command("provision", "--store", "cosmos").code == 0
    return first, second


def state(replica: Product, id: str) -> str:
    return str(replica.get(f"/api/imports/{id}", "oliver.bright").json["state"])


def whole(replica: Product, distinct: int) -> None:
    """Asserts that the store has so many contacts, each counted once."""
    organization = ("--organization", "harbour")
    verified = replica.command("rebuild-pages", *organization, "--verify", "--json")
    assert (verified.code, verified.json["different"]) == (0, [])
    assert verified.json["contacts"] == distinct
    span = ("--from", "2026-04-01", "--to", "2026-05-01")
    figures = replica.command("figures", *organization, *span, "--json")
    assert figures.json["metrics"]["offered"]["value"] == distinct
    assert replica.command("verify-audit", *organization).code == 0


@pytest.mark.parametrize("moment", [Committing, CarryingOut])
def test_every_acknowledged_contact_counts_once_though_a_replica_is_killed_in_a_batch(
    make: Make,
    cosmos: stand_in.StandIn,
    tmp_path: Path,
    moment: Callable[[], Callable[[web.Request], bool]],
) -> None:
    with faults.proxied_aside(cosmos) as aside:
        first, second = replicas(make, cosmos, aside.proxy.endpoint, tmp_path)
        first.start()
        second.start()
        for replica, start in ((second, 0), (first, BEFORE)):
            assert replica.imported("amazon-connect", file_of(start, BEFORE))["accepted"] == BEFORE
        # The other one stands still, so that it cannot be quicker to take the first's upload.
        assert second.process is not None
        second.process.send_signal(signal.SIGSTOP)
        held = aside.proxy.plan(
            moment(), Fault(held=asyncio.Event(), times=faults.NO_MATTER_HOW_OFTEN)
        )
        ours = first.upload("amazon-connect", file_of(2 * BEFORE, RECORDS))
        wait_for(lambda: aside.proxy.met)
        second.process.send_signal(signal.SIGCONT)
        theirs = second.upload("amazon-connect", file_of(2 * BEFORE + RECORDS - SHARED, RECORDS))
        assert (ours.status, theirs.status) == (202, 202)
        ids = [answer.json["id"] for answer in (ours, theirs)]
        assert not {state(second, id) for id in ids} & {"completed", "failed"}
        assert first.stop(signal.SIGKILL) == -signal.SIGKILL
        done = [second.followed(id, seconds=PATIENCE_S) for id in ids]
        assert [one["state"] for one in done] == ["completed", "completed"]
        assert aside.release(held) < 500  # arrives, and is too late
    assert sum(one["accepted"] for one in done) == 2 * RECORDS - SHARED
    assert sum(one["unchanged"] for one in done) == SHARED
    assert sum(one["rejected"] + one["ignored"] + one["corrected"] for one in done) == 0
    whole(second, 2 * BEFORE + 2 * RECORDS - SHARED)
    assert second.stop() == 0, second.logged()
    assert "Traceback" not in second.logged()
