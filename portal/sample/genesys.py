"""Writes Genesys Cloud conversation details as the analytics query answers them.

One conversation holds everything that happened to one customer: each queue visit is an `acd`
participant and each agent another. A conversation is told as of the cut-off: what was still going
on has a start and no end, what had not happened is not there, and a conversation without its end
has no `conversationEnd`.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Final

from portal.sample.genesys_participants import Json, participants, to_voicemail, voicemail_ms
from portal.sample.instants import millis_z
from portal.sample.people import stable_id
from portal.sample.stay import Document, Kind, Stay

_DIVISION: Final = stable_id("genesys", "division", "home")


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


def conversation(first: Stay, known_ms: int) -> Json:
    """The conversation that began with a stay, as of `known_ms`."""
    visits = list(_visits(first))
    ended_ms = visits[-1].ended_ms + (voicemail_ms(first) if to_voicemail(visits[-1]) else 0)
    told: Json = {
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
        for participant in participants(first, visits, ended_ms)
        if (person := _known(participant, known_ms)) is not None
    ]
    return told


def _known(participant: Json, known_ms: int) -> Json | None:
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


def _written(segment: Json, known_ms: int) -> Json:
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
