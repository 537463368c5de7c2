"""Contact records of every source as their vendors write them, with made-up people."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

INSTANCE = "arn:aws:connect:eu-west-2:123456789012:instance/i"
SOURCES = ("amazon-connect", "genesys", "three-cx", "teams")
EXTENSIONS = "610,611"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(day: str, second: int) -> datetime:
    """The second of the day, UTC."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(seconds=second)


def connect(
    day: str, number: int, *, wait: int = 7, agent: str | None = "a1", **fields: Any
) -> Any:
    """A contact record, answered after `wait` seconds by the agent, or abandoned without one."""
    begun = instant(day, 32_400 + number % 14_400)
    left = begun + timedelta(seconds=wait)
    ended = left + timedelta(seconds=60 if agent else 0)
    taken = {
        "ARN": f"{INSTANCE}/agent/{agent}",
        "Username": f"{agent}@example.com",
        "ConnectedToAgentTimestamp": _stamp(left),
        "AgentInteractionDuration": 60,
        "CustomerHoldDuration": 0,
        "AfterContactWorkDuration": 10,
    }
    return {
        "ContactId": f"{day}-{number:08}",
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": _stamp(begun),
        "DisconnectTimestamp": _stamp(ended),
        "LastUpdateTimestamp": _stamp(ended),
        "CustomerEndpoint": {
            "Address": f"+1202555{100 + number % 100:04}",
            "Type": "TELEPHONE_NUMBER",
        },
        "Queue": {
            "ARN": f"{INSTANCE}/queue/q1",
            "Name": "Claims",
            "EnqueueTimestamp": _stamp(begun),
            "DequeueTimestamp": _stamp(left),
            "Duration": wait,
        },
        "Agent": taken if agent else None,
        **fields,
    }


def genesys(day: str, number: int, *, wait_ms: int = 11_179, **fields: Any) -> Any:
    """A conversation answered after `wait_ms`."""
    begun = instant(day, 32_400 + number % 14_400)
    taken = begun + timedelta(milliseconds=wait_ms)
    ended = taken + timedelta(seconds=90)

    def segment(kind: str, start: datetime, end: datetime, **more: str) -> dict[str, str]:
        return {
            "segmentType": kind,
            "segmentStart": start.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "segmentEnd": end.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            **more,
        }

    def party(purpose: str, *segments: dict[str, str], metrics: Any = (), **more: str) -> Any:
        session = {"mediaType": "voice", "segments": list(segments), "metrics": list(metrics)}
        return {"purpose": purpose, "sessions": [session], **more}

    return {
        "conversationId": f"{day}-{number:08}",
        "conversationStart": _stamp(begun),
        "conversationEnd": segment("x", begun, ended)["segmentEnd"],
        "originatingDirection": "inbound",
        "participants": [
            party(
                "acd",
                segment("interact", begun, taken, queueId="q-genesys", disconnectType="transfer"),
                metrics=[{"name": "nOffered", "value": 1}, {"name": "tAcd", "value": wait_ms}],
            ),
            party(
                "agent",
                segment("interact", taken, ended, disconnectType="peer"),
                metrics=[{"name": "tAnswered", "value": wait_ms}],
                userId="u-1",
            ),
        ],
        **fields,
    }


def three_cx(day: str, number: int, *, answered: bool = True) -> str:
    """A row of a queue call: taken over by an extension, or given up after 14 seconds."""
    begun = instant(day, 32_400 + number % 14_400)
    ended = begun + timedelta(seconds=315 if answered else 14)
    start, end = (moment.strftime("%Y/%m/%d %H:%M:%S") for moment in (begun, ended))
    caller = f"07700900{number % 1000:03}"
    length = "00:05:15" if answered else "00:00:14"
    over = "ReplacedDst,Ext.185,185" if answered else ",,"
    return (
        f"Call {day}-{number},0000_{number},{length},{start},{start},{end},TerminatedBySrc,"
        f"{caller},"
        f'Ext.610,10000,610,610,{over},,,,,"Chain: {caller},Ext.610,",'
        "External,Internal,Internal,a,b,c,"
    )


def teams(day: str, number: int, *, result: str = "transferred_to_agent") -> list[Any]:
    """A row of the call-queue report."""
    begun = _stamp(instant(day, 32_400 + number % 14_400))
    return [begun, "cq_sales@contoso.example", result, 18.0, f"{day}-{number}", 1, 18.0]


def lines(records: Iterable[Any]) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def good(source: str, day: str, count: int = 3) -> bytes:
    """A file of answered contacts."""
    if source == "amazon-connect":
        return lines(connect(day, number) for number in range(count))
    if source == "genesys":
        return lines(genesys(day, number) for number in range(count))
    if source == "three-cx":
        return "".join(three_cx(day, number) + "\n" for number in range(count)).encode()
    return json.dumps({"dataResult": [teams(day, number) for number in range(count)]}).encode()
