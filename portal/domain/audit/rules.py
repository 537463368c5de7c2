"""How the chain is made and checked; needs only the entries, so anyone can verify offline."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from portal.domain.audit.model import Entry, Event

BEGINNING = "0" * 64
NO_ENTRY = Entry(0, 0, "", "", "", {}, "", "")


def chained(event: Event, *, sequence: int, at_ms: int, previous: str) -> Entry:
    """The event as the next entry behind the one whose hash is `previous`."""
    entry = Entry(
        sequence,
        at_ms,
        event.action.value,
        event.actor,
        event.target,
        dict(event.facts),
        previous,
        "",
    )
    return entry._replace(hash=digest(entry))


def read(body: Mapping[str, Any]) -> Entry:
    """A stored entry; what is none, because somebody changed it, becomes one that breaks any
    chain."""
    try:
        return Entry(**body)
    except TypeError:
        return NO_ENTRY


def digest(entry: Entry) -> str:
    """SHA-256 over the canonical JSON of everything but the hash itself."""
    content = entry._asdict()
    del content["hash"]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def first_break(entries: Iterable[Entry], *, head: str | None = None) -> int | None:
    """The sequence number of the first entry that is missing, moved or altered; None for an
    unbroken chain. With `head`, a chain cut off at its end breaks behind its last entry."""
    previous, expected = BEGINNING, 1
    for entry in entries:
        if entry.sequence != expected or entry.previous != previous or digest(entry) != entry.hash:
            return expected
        previous, expected = entry.hash, expected + 1
    return expected if head is not None and head != previous else None
