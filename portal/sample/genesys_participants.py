"""The participants of a Genesys Cloud conversation, each with one session.

Times are milliseconds here; the conversation that holds them writes them out, as far as they are
known by then.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Final
from uuid import UUID

from portal.sample.people import stable_id
from portal.sample.stay import End, Kind, Stay

_WRAP_UPS: Final = tuple(
    stable_id("genesys", "wrap-up", word) for word in ("solved", "follow-up", "no-fault")
)
_DNIS: Final = "tel:+12025550100"
_MAILBOX: Final = "service@juniper.example"
_PROVIDERS: Final = {"voice": "Edge", "chat": "PureCloud Webchat", "email": "PureCloud Email"}
_ALERT_MS: Final = 4000
_SHORT_ABANDON_MS: Final = 5000

Json = dict[str, Any]


def participants(first: Stay, visits: list[Stay], ended_ms: int) -> Iterator[Json]:
    """Everybody and everything in the conversation that began with a stay, in order of entry."""
    if first.kind is Kind.OUTBOUND:
        yield _calling_agent(first)
        yield _called_customer(first)
        return
    yield _customer(first, ended_ms)
    if first.arrived_ms > first.started_ms:
        yield _menu(first)
    for visit in visits:
        yield _acd(visit)
        if visit.agent is not None:
            yield _agent(visit)
        if to_voicemail(visit):
            yield _voicemail(visit)


def to_voicemail(stay: Stay) -> bool:
    """Whether the stay ended with the caller sent to voicemail."""
    return stay.end is End.FLOW_OUT


def voicemail_ms(first: Stay) -> int:
    """How long the caller's message is."""
    return 15_000 + first.id.int % 40_000


def _segment(kind: str, start_ms: int, end_ms: int, **more: object) -> Json:
    """A segment with its times still in milliseconds; the
    conversation writes them out."""
    return {"segmentStart": start_ms, "segmentEnd": end_ms, "segmentType": kind, **more}


def _metric(name: str, value: int, at_ms: int) -> Json:
    return {"name": name, "value": value, "emitDate": at_ms}


@cache
def _mark(what: str, purpose: str) -> int:
    return UUID(stable_id("genesys", what, purpose)).int


def _part_id(stay: Stay, what: str, purpose: str) -> str:
    """The id of a part of a stay: the stay's own, changed by what the part is."""
    return str(UUID(int=stay.id.int ^ _mark(what, purpose), version=4))


def _session(stay: Stay, purpose: str, segments: list[Json], metrics: list[Json]) -> Json:
    channel = stay.queue.channel
    session: Json = {
        "mediaType": "callback" if stay.kind is Kind.CALLBACK else channel,
        "sessionId": _part_id(stay, "session", purpose),
        "direction": "outbound" if stay.kind is Kind.OUTBOUND else "inbound",
        "provider": _PROVIDERS[channel],
    }
    if purpose != "customer":
        session["peerId"] = _part_id(stay.first, "session", "customer")
        session["remote"] = stay.customer.name
    if purpose in {"acd", "agent"} and stay.kind is not Kind.OUTBOUND:
        session["requestedRoutings"] = ["Standard"]
        session["usedRouting"] = "Standard"
    session |= _addresses(stay)
    return session | {"segments": segments, "metrics": metrics}


def _addresses(stay: Stay) -> Json:
    channel, caller = stay.queue.channel, f"tel:{stay.customer.number}"
    if channel == "voice":
        out = stay.kind is Kind.OUTBOUND
        ani, dnis = (_DNIS, caller) if out else (caller, _DNIS)
        return {"ani": ani, "dnis": dnis, "sessionDnis": dnis}
    if channel == "email":
        return {"addressFrom": stay.customer.email, "addressTo": _MAILBOX}
    return {}


def _participant(purpose: str, stay: Stay, session: Json, name: str) -> Json:
    return {
        "participantId": _part_id(stay, "participant", purpose),
        "participantName": name,
        "purpose": purpose,
        "sessions": [session],
    }


def _customer(first: Stay, ended_ms: int) -> Json:
    segment = _segment(
        "interact", first.started_ms, ended_ms, disconnectType="peer", conference=False
    )
    metrics = [_metric("nConnected", 1, first.started_ms)]
    session = _session(first, "customer", [segment], metrics)
    return _participant("customer", first, session, first.customer.name)


def _menu(first: Stay) -> Json:
    start, end = first.started_ms, first.arrived_ms
    segment = _segment("ivr", start, end, disconnectType="transfer", conference=False)
    session = _session(first, "ivr", [segment], [_metric("tIvr", end - start, end)])
    return _participant("ivr", first, session, "Main menu")


def _acd(stay: Stay) -> Json:
    """The queue's participant, which carries the queue's name."""
    start, left, wait = stay.arrived_ms, stay.left_ms, stay.left_ms - stay.arrived_ms
    metrics = [_metric("nOffered", 1, start), _metric("tAcd", wait, left)]
    how = "transfer"
    if stay.end is End.ABANDONED:
        how = "peer"
        metrics.append(_metric("tAbandon", wait, left))
        if wait < _SHORT_ABANDON_MS:
            metrics.append(_metric("tShortAbandon", wait, left))
    elif stay.end in {End.FLOW_OUT, End.CALLBACK}:
        metrics.append(_metric("tFlowOut", wait, left))
    elif stay.agent is None:
        how = "timeout"
    segment = _segment(
        "interact", start, left, queueId=stay.queue.key, disconnectType=how, conference=False
    )
    return _participant("acd", stay, _session(stay, "acd", [segment], metrics), stay.queue.name)


def _agent(stay: Stay) -> Json:
    """The agent's participant: alerted, in conversation, on hold, in after-contact work."""
    left, ended, queue = stay.left_ms, stay.ended_ms, stay.queue.key
    wait = left - stay.arrived_ms
    alert = min(wait, _ALERT_MS)
    alerted = _segment("alert", left - alert, left, queueId=queue, conference=False)
    if stay.end is not End.ANSWERED:
        return _agent_participant(stay, [alerted, _rung(stay)], [_metric("tAlert", alert, left)])
    how = "transfer" if stay.following is not None else ("peer", "client")[stay.id.int % 2]
    segments = [
        alerted,
        *_conversation_segments(stay, how),
    ]
    metrics = [
        _metric("tAlert", alert, left),
        _metric("tAnswered", wait, left),
        *_handling_metrics(stay),
    ]
    if stay.following is not None:
        metrics += [_metric("nTransferred", 1, ended), _metric("nBlindTransferred", 1, ended)]
    return _agent_participant(stay, segments, metrics)


def _agent_participant(stay: Stay, segments: list[Json], metrics: list[Json]) -> Json:
    if stay.agent is None:
        message = "an agent's part of a stay without an agent"
        raise ValueError(message)
    session = _session(stay, "agent", segments, metrics)
    session["selectedAgentId"] = stay.agent.key
    participant = _participant("agent", stay, session, stay.agent.name)
    return participant | {"userId": stay.agent.key}


def _conversation_segments(stay: Stay, how: str) -> Iterator[Json]:
    """Talk, then, with a hold in the middle, hold and talk again, then after-contact work."""
    queue, start, ended = stay.queue.key, stay.left_ms, stay.ended_ms
    if stay.hold_ms:
        held = start + stay.talk_ms // 2
        yield _segment("interact", start, held, queueId=queue, conference=False)
        yield _segment("hold", held, held + stay.hold_ms, queueId=queue, conference=False)
        start = held + stay.hold_ms
    yield _segment("interact", start, ended, queueId=queue, disconnectType=how, conference=False)
    code = _WRAP_UPS[stay.id.int % len(_WRAP_UPS)]
    yield _segment(
        "wrapup", ended, ended + stay.acw_ms, queueId=queue, wrapUpCode=code, conference=False
    )


def _handling_metrics(stay: Stay) -> Iterator[Json]:
    ended, worked = stay.ended_ms, stay.ended_ms + stay.acw_ms
    if stay.hold_ms:
        resumed = stay.left_ms + stay.talk_ms // 2 + stay.hold_ms
        yield _metric("tHeld", stay.hold_ms, resumed)
        yield _metric("tHeldComplete", stay.hold_ms, ended)
    yield _metric("tTalk", stay.talk_ms, ended)
    yield _metric("tTalkComplete", stay.talk_ms, ended)
    yield _metric("tAcw", stay.acw_ms, worked)
    yield _metric("tHandle", stay.talk_ms + stay.hold_ms + stay.acw_ms, worked)


def _voicemail(stay: Stay) -> Json:
    start, end = stay.left_ms, stay.left_ms + voicemail_ms(stay.first)
    segment = _segment("voicemail", start, end, disconnectType="peer", conference=False)
    session = _session(stay, "voicemail", [segment], [_metric("tVoicemail", end - start, end)])
    return _participant("voicemail", stay, session, "Voicemail")


def _calling_agent(stay: Stay) -> Json:
    dialed = _segment("dialing", stay.started_ms, stay.left_ms, conference=False)
    metrics = [
        _metric("nOutbound", 1, stay.started_ms),
        _metric("tDialing", stay.left_ms - stay.started_ms, stay.left_ms),
    ]
    if stay.end is not End.ANSWERED:
        metrics.append(_metric("tContacting", stay.ended_ms - stay.left_ms, stay.ended_ms))
        return _agent_participant(stay, [dialed, _rung(stay)], metrics)
    talk = list(_conversation_segments(stay, "client"))
    return _agent_participant(stay, [dialed, *talk], [*metrics, *_handling_metrics(stay)])


def _rung(stay: Stay) -> Json:
    """The customer's telephone rings and nobody picks up."""
    return _segment(
        "contacting", stay.left_ms, stay.ended_ms, disconnectType="client", conference=False
    )


def _called_customer(stay: Stay) -> Json:
    dialed = _segment("dialing", stay.started_ms, stay.left_ms, conference=False)
    kind = "interact" if stay.end is End.ANSWERED else "contacting"
    rest = _segment(kind, stay.left_ms, stay.ended_ms, disconnectType="peer", conference=False)
    session = _session(stay, "customer", [dialed, rest], [])
    return _participant("customer", stay, session, stay.customer.name)
