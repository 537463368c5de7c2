"""Writes Amazon Connect contact records, format 2017-03-10, as JSON lines.

Records stand in the order in which they are delivered. Connect delivers at least once: a few
come twice, and a few first without and then with the agent's after-contact work, under a later
`LastUpdateTimestamp`. A contact still going on at the cut-off has a record of what is known then.
"""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from portal.sample.instants import seconds_z
from portal.sample.people import CONNECT_ACCOUNT, CONNECT_INSTANCE, connect_arn
from portal.sample.stay import Document, End, Kind, Stay

_SYSTEM_NUMBER: Final = "+442079460100"
_VOICEMAIL_NUMBER: Final = "+442079460199"
_BUCKET: Final = "harbour-lane-recordings/connect/harbour/CallRecordings"
_INITIATION: Final = {
    Kind.INBOUND: "INBOUND",
    Kind.TRANSFER: "TRANSFER",
    Kind.CALLBACK: "CALLBACK",
    Kind.OUTBOUND: "OUTBOUND",
}
_EARLY: Final = 0.03
_TWICE: Final = 0.02


def write(stays: list[Stay], _day: date, until_ms: int) -> Iterator[Document]:
    """The records of all stays that had joined their queue by `until_ms`, one a line."""
    delivered = sorted(
        (moment, str(stay.id), known_ms)
        for stay in stays
        if stay.arrived_ms <= until_ms
        for moment, known_ms in _deliveries(stay, until_ms)
    )
    by_id = {str(stay.id): stay for stay in stays}
    lines = [
        json.dumps(record(by_id[contact_id], known_ms), separators=(",", ":"))
        for _, contact_id, known_ms in delivered
    ]
    if lines:
        yield Document("amazon-connect", "jsonl", "".join(line + "\n" for line in lines).encode())


def _finished_ms(stay: Stay) -> int:
    """When the last update of a contact comes: after-contact work done, recording filed."""
    worked = stay.acw_ms if stay.end is End.ANSWERED else 0
    return stay.ended_ms + worked + 20_000 + stay.id.int % 70 * 1000


def _deliveries(stay: Stay, until_ms: int) -> Iterator[tuple[int, int]]:
    """(when delivered, the moment whose state it tells) up to the cut-off."""
    finished, chance = _finished_ms(stay), stay.id.int % 10_007 / 10_007
    if finished > until_ms:
        yield until_ms, until_ms
        return
    if chance < _EARLY:
        yield stay.ended_ms + 1000, stay.ended_ms + 1000
    yield finished, finished
    if chance > 1 - _TWICE and finished + 240_000 <= until_ms:
        yield finished + 240_000, finished


def record(stay: Stay, known_ms: int) -> dict[str, Any]:
    """The contact record as of `known_ms`, keys in alphabetical order as Connect writes them."""
    voice, done = stay.queue.channel == "voice", _finished_ms(stay) <= known_ms
    ended, left = stay.ended_ms <= known_ms, stay.left_ms <= known_ms
    passed = ended and (stay.end is End.FLOW_OUT or stay.passed_to is not None)
    recorded = voice and done and stay.end is End.ANSWERED
    recording = _recording(stay) if recorded else None
    return {
        "AWSAccountId": CONNECT_ACCOUNT,
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": _agent(stay, known_ms),
        "AgentConnectionAttempts": int(stay.agent is not None and left),
        "AnsweringMachineDetectionStatus": None,
        "Attributes": _attributes(stay),
        "Campaign": {"CampaignId": None},
        "Channel": stay.queue.channel.upper(),
        "ConnectedToSystemTimestamp": seconds_z(stay.started_ms),
        "ContactDetails": {},
        "ContactId": str(stay.id),
        "CustomerEndpoint": _telephone(stay.customer.number) if voice else None,
        "DisconnectReason": _disconnect_reason(stay) if ended else None,
        "DisconnectTimestamp": seconds_z(stay.ended_ms) if ended else None,
        "InitialContactId": None if stay.previous is None else str(stay.first.id),
        "InitiationMethod": _INITIATION[stay.kind] if voice else _initiation_of_chat(stay),
        "InitiationTimestamp": seconds_z(stay.started_ms),
        "InstanceARN": CONNECT_INSTANCE,
        "LastUpdateTimestamp": seconds_z(_updated_ms(stay, known_ms)),
        "MediaStreams": [{"Type": "AUDIO"}] if voice else [{"Type": "CHAT"}],
        "NextContactId": str(stay.following.id) if ended and stay.following else None,
        "PreviousContactId": None if stay.previous is None else str(stay.previous.id),
        "Queue": _queue(stay, known_ms),
        "Recording": recording,
        "Recordings": [_stream(recording)] if recording else None,
        "References": [],
        "ScheduledTimestamp": None,
        "SystemEndpoint": _telephone(_SYSTEM_NUMBER) if voice else None,
        "TransferCompletedTimestamp": seconds_z(stay.ended_ms) if passed else None,
        "TransferredToEndpoint": _passed_to(stay) if passed else None,
        "VoiceIdResult": None,
    }


def _updated_ms(stay: Stay, known_ms: int) -> int:
    """The newest thing that had happened to the contact at `known_ms`."""
    worked = stay.ended_ms + stay.acw_ms if stay.end is End.ANSWERED else stay.ended_ms
    moments = (stay.arrived_ms, stay.left_ms, stay.ended_ms, worked, _finished_ms(stay))
    return max(moment for moment in moments if moment <= known_ms)


def _initiation_of_chat(stay: Stay) -> str:
    return "TRANSFER" if stay.kind is Kind.TRANSFER else "API"


def _telephone(number: str) -> dict[str, str]:
    return {"Address": number, "Type": "TELEPHONE_NUMBER"}


def _passed_to(stay: Stay) -> dict[str, str]:
    """Flow-outs go to the voicemail service, transfers to a queue under the line's own number."""
    return _telephone(_VOICEMAIL_NUMBER if stay.end is End.FLOW_OUT else _SYSTEM_NUMBER)


def _attributes(stay: Stay) -> dict[str, str]:
    attributes = {"accountReference": stay.customer.reference, "language": "en-GB"}
    if stay.queue.channel == "chat":
        attributes |= {"customerName": stay.customer.name, "page": "/help/contact"}
    elif stay.kind is Kind.INBOUND:
        attributes["greetingPlayed"] = "true"
    return attributes


def _disconnect_reason(stay: Stay) -> str:
    if stay.end is End.FLOW_OUT or (stay.end is End.CALLBACK and stay.following):
        return "CONTACT_FLOW_DISCONNECT"
    if stay.end is End.UNREACHED:
        return "TELECOM_PROBLEM"
    if stay.end is End.ANSWERED and stay.id.int % 5 in (0, 1):
        return "AGENT_DISCONNECT"
    return "CUSTOMER_DISCONNECT"


def _queue(stay: Stay, known_ms: int) -> dict[str, Any]:
    left = stay.left_ms <= known_ms
    return {
        "ARN": stay.queue.key,
        "DequeueTimestamp": seconds_z(stay.left_ms) if left else None,
        "Duration": (stay.left_ms - stay.arrived_ms) // 1000 if left else None,
        "EnqueueTimestamp": seconds_z(stay.arrived_ms),
        "Name": stay.queue.name,
    }


def _agent(stay: Stay, known_ms: int) -> dict[str, Any] | None:
    """The agent's part: from the answer on, with interaction times from the end on and
    after-contact work when it is done."""
    if stay.agent is None or stay.end is not End.ANSWERED or stay.left_ms > known_ms:
        return None
    ended, worked_ms = stay.ended_ms <= known_ms, stay.ended_ms + stay.acw_ms
    worked = worked_ms <= known_ms
    profile = "Branch chat" if stay.queue.channel == "chat" else "Insurance voice"
    return {
        "ARN": stay.agent.key,
        "AfterContactWorkDuration": stay.acw_ms // 1000 if worked else None,
        "AfterContactWorkEndTimestamp": seconds_z(worked_ms) if worked else None,
        "AfterContactWorkStartTimestamp": seconds_z(stay.ended_ms) if ended else None,
        "AgentInteractionDuration": stay.talk_ms // 1000 if ended else None,
        "ConnectedToAgentTimestamp": seconds_z(stay.left_ms),
        "CustomerHoldDuration": stay.hold_ms // 1000 if ended else None,
        "HierarchyGroups": None,
        "LongestHoldDuration": stay.hold_ms // 1000 if ended else None,
        "NumberOfHolds": int(stay.hold_ms > 0) if ended else None,
        "RoutingProfile": {"ARN": connect_arn("routing-profile", profile), "Name": profile},
        "Username": stay.agent.username,
    }


def _recording(stay: Stay) -> dict[str, Any]:
    day = seconds_z(stay.started_ms)[:10].replace("-", "/")
    location = f"{_BUCKET}/{day}/{stay.id}_{seconds_z(stay.left_ms)}.wav"
    return {
        "DeletionReason": None,
        "Location": location,
        "Status": "AVAILABLE",
        "Type": "AUDIO",
    }


def _stream(recording: dict[str, Any]) -> dict[str, Any]:
    return {
        "DeletionReason": None,
        "FragmentStartNumber": None,
        "FragmentStopNumber": None,
        "Location": recording["Location"],
        "MediaStreamType": "AUDIO",
        "ParticipantType": None,
        "StartTimestamp": None,
        "Status": "AVAILABLE",
        "StopTimestamp": None,
        "StorageType": "S3",
    }
