"""Answers and their ETags kept, so that many watchers of one dashboard cost one computation."""

import zlib
from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

MOST_TAGS = 5000
CONFIRMED_SECONDS = 5.0
MOST_BYTES = 64 * 1024 * 1024
WORTH_COMPRESSING = 2048
GZIP = 16 + zlib.MAX_WBITS

Moment = tuple[int, ...]
Asked = tuple[str, str]
"""Who asks (person, role, own keys as an agent), and the address they asked for."""


class Tags:
    """The tags of questions while a moment lasts: once the same person has asked the same, the
    question is not read again. Forgets everything with the moment, or when there are too many."""

    def __init__(self) -> None:
        self._tags: dict[str, tuple[Moment, dict[Asked, str]]] = {}

    def of(self, organization: str, moment: Moment) -> dict[Asked, str]:
        """The organisation's tags of this moment, to be read and added to."""
        known = self._tags.get(organization)
        if known is None or known[0] != moment or len(known[1]) >= MOST_TAGS:
            known = self._tags[organization] = moment, {}
        return known[1]


class Confirmed:
    """Copies confirmed a moment ago: whoever asks the same again with the same credentials and the
    same copy, within `seconds` and with nothing stored since, is answered without being looked up
    again. A person's changed role or ended token therefore counts after that time at the latest.
    """

    def __init__(self, seconds: float = CONFIRMED_SECONDS) -> None:
        self._seconds = seconds
        self._held: dict[tuple[str, str], tuple[str, str, str, Moment, float]] = {}

    def put(
        self, credentials: str, address: str, copy: str, tag: str, organization: str, moment: Moment
    ) -> None:
        """Remembers that the copy (an If-None-Match header) was confirmed under the tag."""
        if len(self._held) >= MOST_TAGS:
            self._held.clear()
        until = monotonic() + self._seconds
        self._held[credentials, address] = copy, tag, organization, moment, until

    def get(
        self, credentials: str, address: str, copy: str, now: Callable[[str], Moment | None]
    ) -> str | None:
        """The tag to confirm again; `now` is the organisation's present moment."""
        held = self._held.get((credentials, address))
        if held is None or held[0] != copy or held[4] < monotonic() or held[3] != now(held[2]):
            return None
        return held[1]


class Remembered:
    """Bodies by tag and encoding, the least lately used forgotten first beyond `most_bytes`."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bodies: OrderedDict[tuple[str, bool], bytes] = OrderedDict()
        self._bytes = 0

    def get(self, tag: str) -> bytes | None:
        """The body of that tag, plain."""
        return self._get((tag, False))

    def put(self, tag: str, body: bytes) -> None:
        """Keeps the body."""
        self._put((tag, False), body)

    def compressed(self, tag: str, body: bytes) -> bytes:
        """The body of that tag in gzip, compressed at most once while it is kept."""
        small = self._get((tag, True))
        if small is None:
            worker = zlib.compressobj(level=5, wbits=GZIP)
            small = worker.compress(body) + worker.flush()
            self._put((tag, True), small)
        return small

    def _get(self, key: tuple[str, bool]) -> bytes | None:
        body = self._bodies.get(key)
        if body is not None:
            self._bodies.move_to_end(key)
        return body

    def _put(self, key: tuple[str, bool], body: bytes) -> None:
        self._bytes -= len(self._bodies.pop(key, b""))
        self._bodies[key] = body
        self._bytes += len(body)
        while self._bytes > self._most_bytes:
            _, forgotten = self._bodies.popitem(last=False)
            self._bytes -= len(forgotten)
