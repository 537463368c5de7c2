"""Writes Genesys Cloud conversation details as the analytics query answers them.

One conversation holds everything that happened to one customer: each queue visit is an `acd`
participant and each agent another. A conversation is told as of the cut-off: what was still going
on has a start and no end, what had not happened is not there, and a conversation without its end
has no `conversationEnd`.
"""

import json
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any, Final
from uuid import UUID

from portal.sample.instants import millis_z
from portal.sample.people import stable_id
from portal.sample.stay import Document, End, Kind, Stay

_DIVISION: Final = stable_id("genesys", "division", "home")
_WRAP_UPS: Final = tuple(
    stable_id("genesys", "wrap-up", word) for word in ("solved", "follow-up", "no-fault")
)
_DNIS: Final = "tel:+12025550100"
_MAILBOX: Final = "service@juniper.example"
_PROVIDERS: Final = {"voice": "Edge", "chat": "PureCloud Webchat", "email": "PureCloud Email"}
_ALERT_MS: Final = 4000
_SHORT_ABANDON_MS: Final = 5000

_Json = dict[str, Any]


def write(stays: list[Stay], _day: date, until_ms: int) -> Iterator[Document]:
    """The conversations that had reached their first queue by `until_ms`."""
    begun = [stay for stay in stays if stay.previous is None and stay.arrived_ms <= until_ms]
    if begun:
        answer = {
            "conversations": [conversation(stay, until_ms) for stay in begun],
            "totalHits": len(begun),
        }
        content = json.dumps(answer, ensure_ascii=False, separators=(",", ":"))
        yield Document("genesys", "json", content.encode())


def _visits(first: Stay) -> Iterator[Stay]:
    stay: Stay | None = first
    while stay is not None:
        yield stay
        stay = stay.following


def conversation(first: Stay, known_ms: int) -> _Json:
    """The conversation that began with a stay, as of `known_ms`."""
    visits = list(_visits(first))
    ended_ms = visits[-1].ended_ms + (_voicemail_ms(first) if _to_voicemail(visits[-1]) else 0)
    told: _Json = {
        "conversationId": str(first.id),
        "conversationStart": millis_z(first.started_ms),
        "conversationEnd": millis_z(ended_ms),
        "mediaStatsMinConversationMos": 4.5 + first.id.int % 4000 / 10_000,
        "originatingDirection": "outbound" if first.kind is Kind.OUTBOUND else "inbound",
        "divisionIds": [_DIVISION],
        "participants": [],
    }
    if ended_ms > known_ms:
        del told["conversationEnd"]
    if first.queue.channel != "voice" or ended_ms > known_ms:
        del told["mediaStatsMinConversationMos"]
    told["participants"] = [
        person
        for participant in _participants(first, visits, ended_ms)
        if (person := _known(participant, known_ms)) is not None
    ]
    return told


def _participants(first: Stay, visits: list[Stay], ended_ms: int) -> Iterator[_Json]:
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
        if _to_voicemail(visit):
            yield _voicemail(visit)


def _to_voicemail(stay: Stay) -> bool:
    return stay.end is End.FLOW_OUT


def _voicemail_ms(first: Stay) -> int:
    return 15_000 + first.id.int % 40_000


def _segment(kind: str, start_ms: int, end_ms: int, **more: object) -> _Json:
    """A segment with its times still in milliseconds; `_known` writes them out."""
    return {"segmentStart": start_ms, "segmentEnd": end_ms, "segmentType": kind, **more}


def _metric(name: str, value: int, at_ms: int) -> _Json:
    return {"name": name, "value": value, "emitDate": at_ms}


@cache
def _mark(what: str, purpose: str) -> int:
    return UUID(stable_id("genesys", what, purpose)).int


def _part_id(stay: Stay, what: str, purpose: str) -> str:
    """The id of a part of a stay: the stay's own, changed by what the part is."""
    return str(UUID(int=stay.id.int ^ _mark(what, purpose), version=4))


def _session(stay: Stay, purpose: str, segments: list[_Json], metrics: list[_Json]) -> _Json:
    channel = stay.queue.channel
    session: _Json = {
        "mediaType": channel,
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


def _addresses(stay: Stay) -> _Json:
    channel, caller = stay.queue.channel, f"tel:{stay.customer.number}"
    if channel == "voice":
        out = stay.kind is Kind.OUTBOUND
        ani, dnis = (_DNIS, caller) if out else (caller, _DNIS)
        return {"ani": ani, "dnis": dnis, "sessionDnis": dnis}
    if channel == "email":
        return {"addressFrom": stay.customer.email, "addressTo": _MAILBOX}
    return {}


def _participant(purpose: str, stay: Stay, session: _Json, name: str) -> _Json:
    return {
        "participantId": _part_id(stay, "participant", purpose),
        "participantName": name,
        "purpose": purpose,
        "sessions": [session],
    }


def _customer(first: Stay, ended_ms: int) -> _Json:
    segment = _segment(
        "interact", first.started_ms, ended_ms, disconnectType="peer", conference=False
    )
    metrics = [_metric("nConnected", 1, first.started_ms)]
    session = _session(first, "customer", [segment], metrics)
    return _participant("customer", first, session, first.customer.name)


def _menu(first: Stay) -> _Json:
    start, end = first.started_ms, first.arrived_ms
    segment = _segment("ivr", start, end, disconnectType="transfer", conference=False)
    session = _session(first, "ivr", [segment], [_metric("tIvr", end - start, end)])
    return _participant("ivr", first, session, "Main menu")


def _acd(stay: Stay) -> _Json:
    """The queue's participant, which carries the queue's name."""
    start, left, wait = stay.arrived_ms, stay.left_ms, stay.left_ms - stay.arrived_ms
    metrics = [_metric("nOffered", 1, start), _metric("tAcd", wait, left)]
    how = "transfer"
    if stay.end is End.ABANDONED:
        how = "peer"
        metrics.append(_metric("tAbandon", wait, left))
        if wait < _SHORT_ABANDON_MS:
            metrics.append(_metric("tShortAbandon", wait, left))
    elif stay.end is End.FLOW_OUT:
        metrics.append(_metric("tFlowOut", wait, left))
    segment = _segment(
        "interact", start, left, queueId=stay.queue.key, disconnectType=how, conference=False
    )
    return _participant("acd", stay, _session(stay, "acd", [segment], metrics), stay.queue.name)


def _agent(stay: Stay) -> _Json:
    """The agent's participant: alerted, in conversation, on hold, in after-contact work."""
    left, ended, queue = stay.left_ms, stay.ended_ms, stay.queue.key
    wait = left - stay.arrived_ms
    alert = min(wait, _ALERT_MS)
    how = "transfer" if stay.following is not None else ("peer", "client")[stay.id.int % 2]
    segments = [
        _segment("alert", left - alert, left, queueId=queue, conference=False),
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


def _agent_participant(stay: Stay, segments: list[_Json], metrics: list[_Json]) -> _Json:
    if stay.agent is None:
        message = "an agent's part of a stay without an agent"
        raise ValueError(message)
    session = _session(stay, "agent", segments, metrics)
    session["selectedAgentId"] = stay.agent.key
    participant = _participant("agent", stay, session, stay.agent.name)
    return participant | {"userId": stay.agent.key}


def _conversation_segments(stay: Stay, how: str) -> Iterator[_Json]:
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


def _handling_metrics(stay: Stay) -> Iterator[_Json]:
    ended, worked = stay.ended_ms, stay.ended_ms + stay.acw_ms
    if stay.hold_ms:
        resumed = stay.left_ms + stay.talk_ms // 2 + stay.hold_ms
        yield _metric("tHeld", stay.hold_ms, resumed)
        yield _metric("tHeldComplete", stay.hold_ms, ended)
    yield _metric("tTalk", stay.talk_ms, ended)
    yield _metric("tTalkComplete", stay.talk_ms, ended)
    yield _metric("tAcw", stay.acw_ms, worked)
    yield _metric("tHandle", stay.talk_ms + stay.hold_ms + stay.acw_ms, worked)


def _voicemail(stay: Stay) -> _Json:
    start, end = stay.left_ms, stay.left_ms + _voicemail_ms(stay.first)
    segment = _segment("voicemail", start, end, disconnectType="peer", conference=False)
    session = _session(stay, "voicemail", [segment], [_metric("tVoicemail", end - start, end)])
    return _participant("voicemail", stay, session, "Voicemail")


def _calling_agent(stay: Stay) -> _Json:
    dialed = _segment("dialing", stay.started_ms, stay.left_ms, conference=False)
    metrics = [
        _metric("nOutbound", 1, stay.started_ms),
        _metric("tDialing", stay.left_ms - stay.started_ms, stay.left_ms),
    ]
    if stay.end is not End.ANSWERED:
        rung = _segment(
            "contacting", stay.left_ms, stay.ended_ms, disconnectType="client", conference=False
        )
        metrics.append(_metric("tContacting", stay.ended_ms - stay.left_ms, stay.ended_ms))
        return _agent_participant(stay, [dialed, rung], metrics)
    talk = list(_conversation_segments(stay, "client"))
    return _agent_participant(stay, [dialed, *talk], [*metrics, *_handling_metrics(stay)])


def _called_customer(stay: Stay) -> _Json:
    dialed = _segment("dialing", stay.started_ms, stay.left_ms, conference=False)
    kind = "interact" if stay.end is End.ANSWERED else "contacting"
    rest = _segment(kind, stay.left_ms, stay.ended_ms, disconnectType="peer", conference=False)
    session = _session(stay, "customer", [dialed, rest], [])
    return _participant("customer", stay, session, stay.customer.name)


def _known(participant: _Json, known_ms: int) -> _Json | None:
    """A participant as of `known_ms` with its times written out; None before it came in."""
    (session,) = participant["sessions"]
    segments = [
        _written(segment, known_ms)
        for segment in session["segments"]
        if segment["segmentStart"] <= known_ms
    ]
    if not segments:
        return None
    metrics = [
        metric | {"emitDate": millis_z(metric["emitDate"])}
        for metric in session["metrics"]
        if metric["emitDate"] <= known_ms
    ]
    return participant | {"sessions": [session | {"segments": segments, "metrics": metrics}]}


def _written(segment: _Json, known_ms: int) -> _Json:
    over = segment["segmentEnd"] <= known_ms
    told = {
        name: value
        for name, value in segment.items()
        if over or name not in {"segmentEnd", "disconnectType", "wrapUpCode"}
    }
    told["segmentStart"] = millis_z(segment["segmentStart"])
    if over:
        told["segmentEnd"] = millis_z(segment["segmentEnd"])
    return told
