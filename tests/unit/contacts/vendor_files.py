"""Files as vendors write them, of as many records as a test wants, with numbers made up."""

import json
from typing import Any

from tests.unit.sources.helpers import document


def connect(number: int, **changes: Any) -> dict[str, Any]:
    """A contact record of its own; times and everything else as in the fixture."""
    record: dict[str, Any] = document("amazon-connect-record.json")
    customer = {"Type": "TELEPHONE_NUMBER", "Address": f"+1202555{number % 100:04d}"}
    return record | {"ContactId": f"contact-{number:05d}", "CustomerEndpoint": customer} | changes


def lines(*rows: object) -> bytes:
    """JSON lines; bytes go in as they are."""
    return b"".join(
        (row if isinstance(row, bytes) else json.dumps(row).encode()) + b"\n" for row in rows
    )


def connect_lines(count: int, *, bad_every: int = 0) -> bytes:
    """That many good records, with a bad row before every so many of them."""
    rows: list[object] = []
    for number in range(count):
        if bad_every and number and number % bad_every == 0:
            rows.append(connect(number, Channel=f"SMOKE-{number}"))
        rows.append(connect(number))
    return lines(*rows)
