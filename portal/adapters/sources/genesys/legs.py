"""What a conversation means: a leg for each stay in a queue and for each agent who took part."""

from portal.adapters.sources.framing.values import BadValueError, between, duration, key
from portal.adapters.sources.genesys.customer import customer_of
from portal.adapters.sources.genesys.payload import Conversation
from portal.adapters.sources.genesys.timeline import CHANNELS, Part, latest_end
from portal.domain.contacts.model import Channel, Contact, Direction, Outcome, Queue

_ANSWER_SLACK_MS = 60_000
_MOVE_SLACK_MS = 10_000
_MOVED_ON = frozenset({"transfer", "consulttransfer", "conferencetransfer", "forwardtransfer"})
_ELSEWHERE = frozenset({"acd", "voicemail", "ivr", "botflow", "workflow", "group", "fax"})
_WAIT_METRICS = {
    Outcome.ANSWERED: ("tAnswered", "tAcd"),
    Outcome.ABANDONED: ("tAbandon", "tAcd"),
    Outcome.FLOW_OUT: ("tFlowOut", "tAcd"),
    Outcome.CALLBACK: ("tFlowOut", "tAcd"),
}


def legs(
    conversation: Conversation,
    parts: list[Part],
    bounds: tuple[int, int | None],
    region: str | None,
) -> tuple[Contact, ...]:
    """The contacts of a conversation that lasted from the first bound to the second."""
    direction = _direction(conversation, parts)
    common = Contact(
        leg=0,
        channel=_channel(parts),
        direction=direction,
        outcome=Outcome.UNCONNECTED,
        started_ms=bounds[0],
        arrived_ms=bounds[0],
        ended_ms=bounds[1],
        customer=customer_of(conversation, direction, region),
    )
    closed = bounds[1] is not None
    work = [part for part in parts if part.is_agents and part.handled_from is not None]
    found: list[Contact] = []
    taken: list[Part] = []
    for visit in (part for part in parts if part.is_visit):
        taker = _taker(visit, work)
        if taker is not None:
            work.remove(taker)
            taken.append(taker)
        found.append(_offered(common, visit, taker, parts, closed=closed))
    work = [part for part in work if not any(_is_callback_call(part, other) for other in taken)]
    found.extend(_connected(common, part, found, closed=closed) for part in work)
    if not found:
        found.append(_untaken(common, parts))
    found.sort(key=lambda contact: contact.arrived_ms)
    return tuple(contact._replace(leg=leg) for leg, contact in enumerate(found))


def _taker(visit: Part, work: list[Part]) -> Part | None:
    """The agent's session that took the contact out of the queue."""
    if visit.metrics.get("tAbandon") is not None:
        return None
    until = visit.end
    for part in work:
        taken = part.handled_from or 0
        if part.queue_id not in {None, visit.queue_id} or taken < visit.start:
            continue
        if until is None or taken <= until + _ANSWER_SLACK_MS:
            return part
    return None


def _is_callback_call(part: Part, callback: Part) -> bool:
    """Whether the session is the call an agent made for a callback they took: the callback's own
    session already measures it."""
    return (
        callback.media == "callback"
        and part.media == "voice"
        and part.agent == callback.agent
        and part.start >= callback.start
        and (callback.end is None or part.start <= callback.end)
    )


def _offered(
    common: Contact, visit: Part, taker: Part | None, parts: list[Part], *, closed: bool
) -> Contact:
    outcome = Outcome.ANSWERED if taker else _unanswered(visit, parts, closed=closed)
    leg = common._replace(
        channel=CHANNELS.get(visit.media, common.channel),
        outcome=outcome,
        arrived_ms=visit.start,
        ended_ms=visit.end if outcome is not Outcome.WAITING else None,
        queue=_queue(visit.queue_id),
        wait_ms=_wait(outcome, visit, taker),
        transferred=False,
    )
    return leg if taker is None else _handled(leg, taker, closed=closed)


def _unanswered(visit: Part, parts: list[Part], *, closed: bool) -> Outcome:
    """How a stay in a queue ended that no agent took."""
    left = visit.end
    if left is None and not closed:
        return Outcome.WAITING
    if visit.media == "callback":
        return Outcome.CALLBACK
    if visit.metrics.get("tAbandon") is not None or left is None:
        return Outcome.ABANDONED
    following = [
        part
        for part in parts
        if part is not visit
        and part.purpose in _ELSEWHERE
        and left - _MOVE_SLACK_MS <= part.start <= left + _MOVE_SLACK_MS
        and part.start > visit.start
    ]
    if any(part.is_visit and part.media == "callback" for part in following):
        return Outcome.CALLBACK
    moved = visit.spans[-1].disconnect in _MOVED_ON or following
    flowed = visit.metrics.get("tFlowOut") is not None
    return Outcome.FLOW_OUT if moved or flowed else Outcome.ABANDONED


def _wait(outcome: Outcome, visit: Part, taker: Part | None) -> int | None:
    """The wait: the vendor's own metric, else from the times of the segments."""
    for name in _WAIT_METRICS.get(outcome, ()):
        for part in (taker, visit):
            if part is not None and name in part.metrics:
                return part.metrics[name]
    until = visit.end if taker is None else taker.handled_from
    if outcome is Outcome.WAITING or until is None:
        return None
    return between(visit.start, until, "the queue's segmentStart", "the queue's segmentEnd")


def _connected(common: Contact, part: Part, offered: list[Contact], *, closed: bool) -> Contact:
    """A leg of an agent whom the contact did not reach out of a queue: by a transfer, directly,
    or calling out."""
    before = [leg for leg in offered if leg.agent and leg.arrived_ms <= part.start]
    queue = _queue(part.queue_id) if part.queue_id else before[-1].queue if before else None
    leg = common._replace(
        channel=CHANNELS.get(part.media, common.channel),
        outcome=Outcome.CONNECTED,
        arrived_ms=part.start if offered else common.started_ms,
        queue=queue,
    )
    return _handled(leg, part, closed=closed)


def _handled(leg: Contact, part: Part, *, closed: bool) -> Contact:
    """The leg with what the agent did in it."""
    ended = latest_end(part.handling)
    over = ended is not None
    wrap_up = part.total("wrapup")
    if wrap_up is None and not any(span.kind == "wrapup" for span in part.spans):
        wrap_up = part.metrics.get("tAcw", 0 if closed else None)
    return leg._replace(
        ended_ms=ended,
        agent=part.agent,
        talk_ms=_sum(part, "interact", "tTalkComplete", over=over),
        hold_ms=_sum(part, "hold", "tHeldComplete", over=over),
        after_contact_work_ms=duration(wrap_up, "wrapup segments"),
        transferred=part.transferred,
    )


def _sum(part: Part, kind: str, metric: str, *, over: bool) -> int | None:
    if not over:
        return None
    total = part.total(kind)
    return total if total is not None else part.metrics.get(metric, 0)


def _untaken(common: Contact, parts: list[Part]) -> Contact:
    """A conversation without queue and without anybody answering."""
    caller = next((part for part in parts if part.is_agents), None)
    queue_id = caller.queue_id if caller else None
    return common._replace(
        queue=_queue(queue_id) if queue_id else None,
        agent=caller.agent if caller and common.direction is Direction.OUTBOUND else None,
        transferred=False,
    )


def _queue(queue_id: str | None) -> Queue:
    """A queue by its id: the details carry no name."""
    identifier = key(queue_id, "queueId")
    return Queue(identifier, identifier)


def _channel(parts: list[Part]) -> Channel:
    for part in parts:
        if part.media:
            return CHANNELS[part.media]
    raise BadValueError("no session has a mediaType that is voice, chat, message, email or task")


def _direction(conversation: Conversation, parts: list[Part]) -> Direction:
    colleagues = {part.agent for part in parts if part.is_agents}
    if len(colleagues) > 1 and all(part.is_agents for part in parts):
        return Direction.INTERNAL
    origin = conversation.originating_direction or next((part.direction for part in parts), "")
    return Direction.OUTBOUND if origin.lower() == "outbound" else Direction.INBOUND
