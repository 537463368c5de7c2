"""How far an organisation's contacts have come: one small document, the commit point.

It lies among the organisation's documents, so that a batch of contacts is committed by one
transactional batch together with the documents written with it. Everything else of the batch is
staged before (journal) and carried out behind it, again and again if need be, with one effect.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from portal.domain.contacts.ports import Standing
from portal.domain.shared.documents import Create, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, RateLimited
from portal.domain.shared.fields import Category, Field, Kind

ID = "head"
ATTEMPTS = 50
_OPERATIONAL = Category.OPERATIONAL
HEAD = Kind(
    "contacts_head",
    tuple(
        Field(name, _OPERATIONAL)
        for name in (
            "seq", "applied", "token", "redo", "journal", "revision", "as_of_ms",
            "imported_at_ms", "contacts", "subjects", "queues", "agents", "days", "unsettled",
        )
    ),
)  # fmt: skip

Spans = tuple[tuple[int, int], ...]


class Entry(NamedTuple):
    """A committed batch whose facts are not yet in the stored pages, in how many items they are;
    `token` tells it from others that were staged under the same number and never committed."""

    seq: int
    token: str
    at_ms: int
    facts: int = 0


class Head(NamedTuple):
    """`seq` is the last committed batch, carried out when `applied` equals it; `redo` is how many
    items say what there is to carry out. `contacts` to `agents` are the last numbers given out.
    `days` are the UTC days since 1970 in which a stored contact arrived or ended, as spans;
    `unsettled` the local days whose page is not merged, with the batch that changed them last."""

    seq: int = 0
    applied: int = 0
    token: str = ""
    redo: int = 0
    journal: tuple[Entry, ...] = ()
    revision: int = 0
    as_of_ms: int = 0
    imported_at_ms: int = 0
    contacts: int = 0
    subjects: int = 0
    queues: int = 0
    agents: int = 0
    days: Spans = ()
    unsettled: Mapping[int, int] = {}
    etag: str = ""

    @property
    def standing(self) -> Standing:
        """What the port tells of it."""
        return Standing(self.revision, self.as_of_ms, self.imported_at_ms)


async def read(documents: Documents, partition: str) -> Head:
    """The head as stored; one with the empty etag when nothing was committed yet."""
    document = await documents.get(partition, HEAD, ID)
    if document is None:
        return Head()
    body: dict[str, Any] = dict(document.body)
    body["journal"] = tuple(Entry(*entry) for entry in body["journal"])
    body["days"] = tuple((first, last) for first, last in body["days"])
    body["unsettled"] = {int(day): seq for day, seq in body["unsettled"].items()}
    return Head(**body, etag=document.etag)


def write(head: Head) -> Write:
    """Writes the head over the version that was read. Conflict when it is another by now."""
    body: dict[str, Any] = head._asdict()
    etag = body.pop("etag")
    body["journal"] = [list(entry) for entry in head.journal]
    body["days"] = [list(span) for span in head.days]
    body["unsettled"] = {str(day): seq for day, seq in sorted(head.unsettled.items())}
    return Replace(HEAD, ID, body, etag) if etag else Create(HEAD, ID, body)


async def change(documents: Documents, partition: str, make: Callable[[Head], Head]) -> Head:
    """Changes the head whoever else does; `make` is asked again for each version met, and may
    answer the same head for nothing to do."""
    for _ in range(ATTEMPTS):
        present = await read(documents, partition)
        wanted = make(present)
        if wanted == present:
            return present
        try:
            await documents.batch(partition, [write(wanted)])
        except Conflict:
            continue
        return wanted
    raise RateLimited("Too many write to this organisation at once.", retry_after=1)


def spanning(days: set[int], spans: Spans) -> Spans:
    """The spans with those days in them, in order, as few as there can be."""
    if all(any(first <= day <= last for first, last in spans) for day in days):
        return spans
    merged: list[tuple[int, int]] = []
    for first, last in sorted([*spans, *((day, day) for day in days)]):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def within(spans: Spans, first: int, last: int) -> list[int]:
    """The days of the spans from first to last."""
    return [day for start, end in spans for day in range(max(start, first), min(end, last) + 1)]
