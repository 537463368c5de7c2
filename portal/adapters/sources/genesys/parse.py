"""Reads conversation details into contacts. README.md says how and why."""

from collections.abc import Iterator, Mapping
from typing import BinaryIO

import msgspec

from portal.adapters.sources.framing.guard import Row, guarded
from portal.adapters.sources.framing.json_rows import JsonRows
from portal.adapters.sources.framing.opening import open_text
from portal.adapters.sources.framing.values import (
    between,
    horizon,
    instant,
    key,
    not_future,
    optional_instant,
)
from portal.adapters.sources.genesys.legs import legs
from portal.adapters.sources.genesys.payload import Conversation
from portal.adapters.sources.genesys.timeline import Part, parts_of
from portal.domain.contacts.model import Gap, SourceRecord, Timing
from portal.domain.contacts.ports import SourceOptions

OWN = "a Genesys Cloud conversation"
_PIECES = 1 << 16


class Genesys:
    """The source `genesys`: conversations as JSON lines, an array, or a details query's answer."""

    name = "genesys"
    title = "Genesys Cloud"
    gaps: Mapping[Timing, Gap] = {}

    def read(self, file: BinaryIO, options: SourceOptions) -> Iterator[Row]:
        """See `portal.domain.contacts.ports.Source.read`."""
        region, latest = options.region, horizon(options.now_ms)
        return guarded(
            _values(file).records(lambda line, one: source_record(line, one, region, latest))
        )

    def check(self, file: BinaryIO) -> None:
        """See `portal.domain.contacts.ports.Source.check`."""
        _values(file).check()


def _values(file: BinaryIO) -> JsonRows[Conversation]:
    decode = msgspec.json.Decoder(Conversation).decode
    return JsonRows(open_text(file), decode, own=OWN, unwrap=("conversations",))


def source_record(
    line: int, conversation: Conversation, region: str | None, latest: int
) -> SourceRecord:
    """One conversation's contacts. Raises BadValueError for a value that breaks a rule."""
    record_id = key(conversation.conversation_id, "conversationId")
    started = instant(conversation.conversation_start, "conversationStart")
    ended = optional_instant(conversation.conversation_end, "conversationEnd")
    if ended is not None:
        between(started, ended, "conversationStart", "conversationEnd")
    parts = parts_of(conversation)
    newest = _newest(conversation, parts, started, ended)
    not_future(newest, latest, "the conversation's newest time")
    version = _version(conversation, newest, is_closed=ended is not None)
    contacts = legs(conversation, parts, (started, ended), region)
    return SourceRecord(line, record_id, version, contacts)


def _newest(conversation: Conversation, parts: list[Part], started: int, ended: int | None) -> int:
    """The newest instant anywhere in the conversation."""
    newest = max(started, ended or 0)
    for part in parts:
        newest = max(newest, *(span.end or span.start for span in part.spans))
    for participant in conversation.participants:
        for session in participant.sessions:
            for metric in session.metrics:
                if metric.emit_date:
                    newest = max(newest, instant(metric.emit_date, "emitDate"))
    return newest


def _version(conversation: Conversation, newest: int, *, is_closed: bool) -> int:
    """Grows as a conversation gets more content: newest instant, then whether it is closed, then
    how many segments and metrics it has. 41 + 1 + 16 bits."""
    pieces = sum(
        len(session.segments) + len(session.metrics)
        for participant in conversation.participants
        for session in participant.sessions
    )
    return ((newest << 1) | is_closed) * _PIECES + min(pieces, _PIECES - 1)
