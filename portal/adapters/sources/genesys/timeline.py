"""A conversation's sessions with their times read: visits to queues and work of agents."""

from collections.abc import Iterator
from typing import NamedTuple

from portal.adapters.sources.framing.values import between, duration, instant, key
from portal.adapters.sources.genesys.payload import Conversation, Metric, Segment, Session
from portal.domain.contacts.model import Agent, Channel

CHANNELS = {
    "voice": Channel.VOICE,
    "callback": Channel.VOICE,
    "chat": Channel.CHAT,
    "message": Channel.CHAT,
    "webmessaging": Channel.CHAT,
    "email": Channel.EMAIL,
    "task": Channel.TASK,
    "workitem": Channel.TASK,
}
_AGENTS = frozenset({"agent", "user"})
_HANDLING = frozenset({"interact", "hold"})
_TRANSFERS = frozenset(
    {"transfer", "consulttransfer", "conferencetransfer", "forwardtransfer", "blindtransfer"}
)
_TRANSFER_METRICS = frozenset({"nTransferred", "nBlindTransferred", "nConsultTransferred"})


class Span(NamedTuple):
    """A segment with its times in milliseconds; `end` is None while it goes on."""

    kind: str
    start: int
    end: int | None
    queue_id: str | None
    disconnect: str


class Part(NamedTuple):
    """A session of a participant: when it was, what it measured, and whose it is."""

    purpose: str
    media: str
    direction: str
    spans: tuple[Span, ...]
    metrics: dict[str, int]
    agent: Agent | None

    @property
    def start(self) -> int:
        """When it began."""
        return self.spans[0].start

    @property
    def end(self) -> int | None:
        """When its last segment ended; None while one goes on."""
        return latest_end(self.spans)

    @property
    def queue_id(self) -> str | None:
        """The queue it was for."""
        return next((span.queue_id for span in self.spans if span.queue_id), None)

    @property
    def is_visit(self) -> bool:
        """Whether it is a stay in a queue."""
        return self.purpose == "acd" and self.queue_id is not None

    @property
    def is_agents(self) -> bool:
        """Whether it is an agent's."""
        return self.agent is not None

    @property
    def handling(self) -> tuple[Span, ...]:
        """The segments in which the agent had the contact, talking or on hold."""
        return tuple(span for span in self.spans if span.kind in _HANDLING)

    @property
    def handled_from(self) -> int | None:
        """When the agent took the contact; None when they never did."""
        return min((span.start for span in self.handling), default=None)

    @property
    def transferred(self) -> bool:
        """Whether the agent passed the contact on. What the queue calls a transfer, handing the
        contact to the agent, stands in the queue's session, not here."""
        by_segment = any(span.disconnect in _TRANSFERS for span in self.handling)
        return by_segment or any(self.metrics.get(name) for name in _TRANSFER_METRICS)

    def total(self, kind: str) -> int | None:
        """The milliseconds of a kind of segment; None when it has none or one goes on."""
        spans = [span for span in self.spans if span.kind == kind]
        if not spans or any(span.end is None for span in spans):
            return None
        return duration(sum((span.end or 0) - span.start for span in spans), f"{kind} segments")


def latest_end(spans: tuple[Span, ...]) -> int | None:
    """The last end; None when there is none or a segment goes on."""
    ends = [span.end for span in spans]
    if not ends or None in ends:
        return None
    return max(end for end in ends if end is not None)


def parts_of(conversation: Conversation) -> list[Part]:
    """The conversation's sessions that have segments, in the order they began."""
    parts = list(_parts(conversation))
    parts.sort(key=lambda part: part.start)
    return parts


def _parts(conversation: Conversation) -> Iterator[Part]:
    for participant in conversation.participants:
        agent = None
        purpose = participant.purpose.lower()
        if purpose in _AGENTS and participant.user_id:
            identifier = key(participant.user_id, "userId")
            agent = Agent(identifier, (participant.participant_name or identifier)[:256])
        for session in participant.sessions:
            media = (session.media_type or "").lower()
            spans = _spans(session)
            metrics = {metric.name: _value(metric) for metric in reversed(session.metrics)}
            if spans and (media in CHANNELS or not media):
                direction = (session.direction or "").lower()
                yield Part(purpose, media, direction, spans, metrics, agent)


def _spans(session: Session) -> tuple[Span, ...]:
    return tuple(sorted(map(_span, session.segments), key=lambda span: span.start))


def _span(segment: Segment) -> Span:
    start = instant(segment.segment_start, "segmentStart")
    end = None
    if segment.segment_end:
        end = instant(segment.segment_end, "segmentEnd")
        between(start, end, "segmentStart", "segmentEnd")
    disconnect = (segment.disconnect_type or "").lower()
    return Span(segment.segment_type.lower(), start, end, segment.queue_id or None, disconnect)


def _value(metric: Metric) -> int:
    """The value as a whole number; times are checked to be durations."""
    value = metric.value or 0
    if metric.name.startswith("t"):
        return duration(value, metric.name) or 0
    return int(value)
