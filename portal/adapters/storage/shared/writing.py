"""What every store refuses in a batch of documents, before anything is written."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from portal.domain.shared.documents import (
    FORBIDDEN_IN_IDS,
    LARGEST_NUMBER,
    MOST_BYTES,
    MOST_WRITES,
    Delete,
    Write,
    undeclared,
)
from portal.domain.shared.errors import InvalidInput, TooLarge

LONGEST_NUMBER = 18  # digits that surely fit SQLite's 64-bit integers


def is_number(text: str) -> bool:
    """Whether a part of a cursor is a number that the store could have given."""
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER


def is_id(text: str) -> bool:
    """Whether a document may have that id."""
    if not 1 <= len(text) <= 255 or any(c in FORBIDDEN_IN_IDS for c in text):
        return False
    return not any("\ud800" <= c <= "\udfff" for c in text)  # halves of characters are no text


def check(writes: Sequence[Write]) -> None:
    """Refuses what a store behind the port would refuse. Raises InvalidInput."""
    if len(writes) > MOST_WRITES:
        raise InvalidInput(f"A batch takes at most {MOST_WRITES} writes.")
    for write in writes:
        if not is_id(write.id):
            raise InvalidInput("A document id has 1 to 255 characters, none of / \\ ? #.")
        unknown = undeclared(write)
        if unknown:
            raise InvalidInput(f"{write.kind.name} declares no field {', '.join(sorted(unknown))}.")


def encode(write: Write) -> str:
    """The body as JSON; empty for a deletion.

    Raises TooLarge past MOST_BYTES, and InvalidInput for what does not come back as it was: text
    that is none, numbers that are none or past LARGEST_NUMBER.
    """
    if isinstance(write, Delete):
        return ""
    if not _survives(write.body):
        raise InvalidInput(f"A {write.kind.name} holds a number that a store cannot keep.")
    body = json.dumps(dict(write.body), separators=(",", ":"), ensure_ascii=False)
    try:
        size = len(body.encode())
    except UnicodeEncodeError:
        raise InvalidInput(f"A {write.kind.name} holds text that is none.") from None
    if size > MOST_BYTES:
        raise TooLarge(f"A {write.kind.name} is larger than {MOST_BYTES:,} bytes.")
    return body


def encode_all(writes: Sequence[Write]) -> list[str]:
    """The bodies of a checked batch. Raises as `encode`, and TooLarge when they are larger than
    MOST_BYTES in all."""
    bodies = [encode(write) for write in writes]
    if sum(len(body.encode()) for body in bodies) > MOST_BYTES:
        raise TooLarge(f"A batch is larger than {MOST_BYTES:,} bytes.")
    return bodies


def _survives(value: Any) -> bool:
    """Whether every number in the value is kept exactly by JSON of doubles."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return True
    if isinstance(value, int):
        return abs(value) <= LARGEST_NUMBER
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return all(map(_survives, value.values()))
    return all(map(_survives, value))
