"""How fast contact files come in: at the beginning, and when millions are stored already."""

import tempfile
from pathlib import Path
from typing import Final

from bench import raw_contacts
from bench.generate import Columns
from bench.report import Line
from bench.store import Day
from portal.domain.contacts.pieces import BATCH_RECORDS

STRETCH: Final = 1_000_000
PEER_CONTACTS: Final = 400_000
TARGET: Final = 25_000


def lines(days: list[Day], columns: list[Columns], folder: Path) -> list[Line]:
    """Contacts a second of the first and last million and of all, beside DuckDB's inserts."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        peer = raw_contacts.store(
            Path(scratch) / "peer.duckdb", columns, PEER_CONTACTS, BATCH_RECORDS
        )
    found = []
    for name, part in (
        ("first million", _stretch(days)),
        ("last million", _stretch(days[::-1])),
        ("all", days),
    ):
        spent = Day(*(sum(column) for column in zip(*part, strict=True)))
        size = spent.size / spent.contacts
        found += [
            _line(f"import, {name}, by the clock", spent.contacts / spent.seconds, peer.contacts
                  / peer.seconds, f"{size:.0f} bytes each"),
            _line(f"import, {name}, a CPU second", spent.contacts / spent.cpu_seconds,
                  peer.contacts / peer.cpu_seconds, "the peer only stores", target=TARGET),
        ]  # fmt: skip
    return found


def _stretch(days: list[Day]) -> list[Day]:
    """As many of the days as make a million contacts, or all."""
    taken: list[Day] = []
    for day in days:
        taken.append(day)
        if sum(one.contacts for one in taken) >= STRETCH:
            break
    return taken


def _line(name: str, ours: float, theirs: float, note: str, *, target: float | None = None) -> Line:
    return Line(name, ours, "contacts/s", "DuckDB insert", theirs, ours / theirs, target, note)
