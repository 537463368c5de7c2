"""Keys are changed beside a running service, which needs no restart."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.integration import records
from tests.integration.conftest import Make
from tests.integration.product import Product

DAY = "2026-07-01"


def wrapped(product: Product) -> dict[str, str]:
    path = next(product.data.glob("*/switchroom.db"))
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT id, body FROM documents WHERE kind = 'organization'")
        return {code: json.loads(body)["key"] for code, body in rows}


def test_keys_are_rotated_beside_a_running_service(make: Make, tmp_path: Path) -> None:
    product = make()
    product.start()
    file = tmp_path / "rows"
    file.write_bytes(records.good("amazon-connect", DAY))
    imported = ("import", "--organization", "harbour", "--source", "amazon-connect", str(file))
    assert product.command(*imported).code == 0
    before, offered = wrapped(product), product.figures(DAY)["offered"]

    done = product.command("rotate-keys", "--retire", "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json == {"rotated": sorted(before), "dropped": 1}
    after = wrapped(product)
    assert all(after[code] != before[code] for code in before)

    assert product.figures(DAY)["offered"] == offered
    again = product.command(*imported)
    assert again.out.startswith("0 accepted, 0 corrected, 3 unchanged")
    assert product.get("/api/contacts", "oliver.bright", {"from": DAY}).json["total"] == 3
    assert product.stop() == 0
    product.start()
    assert product.figures(DAY)["offered"] == offered
    assert product.stop() == 0


def test_one_organisation_alone_is_rotated(make: Make) -> None:
    product = make()
    product.start()
    before = wrapped(product)
    done = product.command("rotate-keys", "--organization", "harbour")
    assert (done.code, done.out) == (0, "1 organisations' keys are wrapped anew.\n")
    changed = {code for code, key in wrapped(product).items() if key != before[code]}
    assert changed == {"harbour"}
    refused = product.command("rotate-keys", "--organization", "nowhere")
    assert refused.code == 2
    assert "no such organisation" in refused.err
    assert product.stop() == 0
