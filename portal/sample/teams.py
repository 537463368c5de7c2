"""Writes what Microsoft Teams tells of its call queues and of its calls.

Call-queue rows come either as the report service's answer (`dataResult`, rows in the order of the
query's dimensions and measures) or as the CSV file that people export, by turns of the day. They
name the queue's account and no agent. Calls that people place come as Graph `callRecord`s.
"""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from portal.sample.instants import seconds_z
from portal.sample.people import stable_id
from portal.sample.stay import Document, End, Kind, Stay

_TENANT: Final = stable_id("teams", "tenant", "juniper")
_COLUMNS: Final = (
    "UserStartTimeUTC",
    "CallQueueIdentity",
    "CallQueueCallResult",
    "CallQueueDurationSeconds",
    "DocumentId",
    "TotalCallCount",
    "AvgCallQueueDurationSeconds",
)
_RESULTS: Final = {
    End.ANSWERED: "transferred_to_agent",
    End.ABANDONED: "disconnected",
    End.FLOW_OUT: "timed_out",
}


def write(stays: list[Stay], day: date, until_ms: int) -> Iterator[Document]:
    """The rows of the calls over by `until_ms`, then the call records of placed calls."""
    over = [stay for stay in stays if stay.ended_ms <= until_ms]
    rows = [_row(stay) for stay in over if stay.kind is not Kind.OUTBOUND]
    if rows and day.toordinal() % 2:
        answer = json.dumps({"dataResult": rows}, separators=(",", ":"))
        yield Document("teams-call-queues", "json", answer.encode())
    elif rows:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows([_COLUMNS, *rows])
        yield Document("teams-call-queues", "csv", text.getvalue().encode("utf-8-sig"))
    records = [_call_record(stay) for stay in over if stay.kind is Kind.OUTBOUND]
    if records:
        answer = json.dumps({"value": records}, separators=(",", ":"))
        yield Document("teams-calls", "json", answer.encode())


def _row(stay: Stay) -> list[str | int | float]:
    """A call as a row of the report; one agent in three joins a conference with the caller."""
    result = _RESULTS[stay.end or End.ABANDONED]
    if stay.end is End.ANSWERED and stay.id.int % 3 == 0:
        result = "agent_joined_conference"
    wait = (stay.left_ms - stay.arrived_ms) / 1000
    return [seconds_z(stay.arrived_ms), stay.queue.key, result, wait, str(stay.id), 1, wait]


def _call_record(stay: Stay) -> dict[str, Any]:
    """The Graph record of a call that somebody placed to a telephone number."""
    agent = stay.agent
    if agent is None:
        message = "a placed call without its caller"
        raise ValueError(message)
    user = {"id": agent.key, "displayName": agent.name, "tenantId": _TENANT}
    phone = {"id": stay.customer.number, "displayName": None, "tenantId": None}
    start, end = seconds_z(stay.started_ms), seconds_z(stay.ended_ms)
    reached = stay.end is End.ANSWERED
    failure = None if reached else {"reason": "No answer", "stage": "callSetup"}
    return {
        "id": str(stay.id),
        "version": 1,
        "type": "peerToPeer",
        "modalities": ["audio"],
        "lastModifiedDateTime": seconds_z(stay.ended_ms + 900_000),
        "startDateTime": start,
        "endDateTime": end,
        "joinWebUrl": "",
        "organizer": {"user": user},
        "organizer_v2": {"id": agent.key, "identity": {"user": user}},
        "participants": [{"user": user}, {"phone": phone}],
        "participants_v2": [
            {"id": agent.key, "identity": {"user": user}},
            {"id": stay.customer.number, "identity": {"phone": phone}},
        ],
        "sessions": [_call_session(stay, user, phone, failure)],
    }


def _call_session(
    stay: Stay, user: dict[str, Any], phone: dict[str, Any], failure: dict[str, str] | None
) -> dict[str, Any]:
    def endpoint(identity: dict[str, Any], agent_string: str) -> dict[str, Any]:
        return {
            "@odata.type": "#microsoft.graph.callRecords.participantEndpoint",
            "userAgent": {"headerValue": agent_string},
            "identity": identity,
        }

    call: dict[str, Any] = {
        "caller": endpoint({"user": user}, "Teams/1.7"),
        "callee": endpoint({"phone": phone}, "Session border controller"),
        "startDateTime": seconds_z(stay.left_ms),
        "endDateTime": seconds_z(stay.ended_ms),
        "failureInfo": failure,
    }
    segment = call | {"id": stable_id("segment", str(stay.id)), "media": []}
    return {
        "id": stable_id("session", str(stay.id)),
        "modalities": ["audio"],
        "isTest": False,
        **call,
        "segments": [segment],
    }
