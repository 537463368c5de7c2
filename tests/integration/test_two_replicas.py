"""Two replicas on Cosmos DB take files in at once; one of them is killed in the middle."""

import json
from pathlib import Path
from uuid import uuid4

from tests.cosmos import stand_in
from tests.integration.conftest import Make
from tests.integration.product import Product, wait_for
from tests.unit.contacts.vendor_files import connect, lines

RECORDS = 9000
SHARED = 3000
"""Records that are in both files."""
DAYS = 6


def record(number: int) -> bytes:
    """A contact of its own on one of a few days."""
    text = json.dumps(connect(number)).replace("2026-04-08", f"2026-04-{8 + number % DAYS:02d}")
    return text.encode()


def file_of(first: int, count: int) -> bytes:
    return lines(*map(record, range(first, first + count)))


def replicas(make: Make, cosmos: stand_in.StandIn, folder: Path) -> tuple[Product, Product]:
    """Two servers, not yet started, that share the store, the keys and the files."""
    key = folder / "cosmos.key"
    key.write_text(stand_in.KEY)
    shared = {
        "SWITCHROOM_STORE": "cosmos",
        "SWITCHROOM_COSMOS_ENDPOINT": cosmos.endpoint,
        "SWITCHROOM_COSMOS_DATABASE": f"replicas-{uuid4().hex}",
        "SWITCHROOM_COSMOS_KEY_FILE": str(key),
        "SWITCHROOM_DATA_DIR": str(folder / "data"),
    }
    first, second = make(**shared), make(**shared)
    assert first.command("provision", "--store", "cosmos").code == 0
    return first, second


def taken(replica: Product, id: str) -> float:
    """How far the import has come."""
    return float(replica.get(f"/api/imports/{id}", "oliver.bright").json["progress"])


def test_every_acknowledged_contact_counts_once_though_a_replica_is_killed(
    make: Make, cosmos: stand_in.StandIn, tmp_path: Path
) -> None:
    first, second = replicas(make, cosmos, tmp_path)
    first.start()
    second.start()
    ids = []
    for replica, start in ((first, 0), (second, RECORDS - SHARED)):
        answer = replica.upload("amazon-connect", file_of(start, RECORDS))
        assert answer.status in {200, 202}, answer
        ids.append(answer.json["id"])
    # Whoever takes an upload first reads it; the other takes the next one.
    wait_for(lambda: all(taken(second, id) > 0 for id in ids))
    assert first.process is not None
    first.process.kill()
    first.process.wait()
    done = [second.followed(id) for id in ids]
    assert [one["state"] for one in done] == ["completed", "completed"]
    distinct = 2 * RECORDS - SHARED
    assert sum(one["accepted"] for one in done) == distinct
    assert sum(one["unchanged"] for one in done) == SHARED
    assert sum(one["rejected"] + one["ignored"] + one["corrected"] for one in done) == 0
    verified = second.command("rebuild-pages", "--organization", "harbour", "--verify", "--json")
    assert verified.json["different"] == []
    assert verified.code == 0
    assert verified.json["contacts"] == distinct
    figures = second.command(
        "figures",
        "--organization",
        "harbour",
        "--from",
        "2026-04-01",
        "--to",
        "2026-05-01",
        "--json",
    )
    assert figures.json["metrics"]["offered"]["value"] == distinct
    assert second.command("verify-audit", "--organization", "harbour").code == 0
    assert second.stop() == 0, second.logged()
    assert "Traceback" not in second.logged()
