"""Contact files for the browser tests: one fixed day, figures that can be counted by hand."""

import json
from datetime import UTC, datetime, timedelta

DAY = "2026-03-02"
"""A Monday; London keeps UTC on it."""
TARGET = f"from={DAY}&to={DAY}"
"""The day as the tab's address and deep links say it."""
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
INSTANCE = "arn:aws:connect:eu-west-2:123456789012:instance/i"


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(number: int, *, queue: str, wait_s: int, answered: bool) -> dict[str, object]:
    """An Amazon Connect contact record that arrived `number` minutes after START."""
    arrived = START + timedelta(minutes=number)
    left = arrived + timedelta(seconds=wait_s)
    ended = left + timedelta(seconds=120 if answered else 0)
    agent = {
        "ARN": f"{INSTANCE}/agent/a{number % 2}",
        "AfterContactWorkDuration": 30,
        "AfterContactWorkStartTimestamp": _stamp(ended),
        "AfterContactWorkEndTimestamp": _stamp(ended + timedelta(seconds=30)),
        "AgentInteractionDuration": 120,
        "ConnectedToAgentTimestamp": _stamp(left),
        "CustomerHoldDuration": 0,
        "LongestHoldDuration": 0,
        "NumberOfHolds": 0,
        "Username": f"agent{number % 2}",
    }
    return {
        "AWSAccountId": "123456789012",
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "Agent": agent if answered else None,
        "AgentConnectionAttempts": int(answered),
        "Channel": "VOICE",
        "ContactId": f"00000000-0000-4000-8000-{number:012d}",
        "CustomerEndpoint": {
            "Address": f"+1202555{100 + number:04d}",
            "Type": "TELEPHONE_NUMBER",
        },
        "DisconnectReason": "CUSTOMER_DISCONNECT",
        "DisconnectTimestamp": _stamp(ended),
        "InitiationMethod": "INBOUND",
        "InitiationTimestamp": _stamp(arrived - timedelta(seconds=10)),
        "InstanceARN": INSTANCE,
        "LastUpdateTimestamp": _stamp(ended + timedelta(minutes=2)),
        "Queue": {
            "ARN": f"{INSTANCE}/queue/{queue.lower()}",
            "DequeueTimestamp": _stamp(left),
            "Duration": wait_s,
            "EnqueueTimestamp": _stamp(arrived),
            "Name": queue,
        },
        "SystemEndpoint": {"Address": "+12025550198", "Type": "TELEPHONE_NUMBER"},
    }


def ten_contacts() -> bytes:
    """Billing: 6 answered, 5 of them in 10 s and one in 50 s. Claims: 2 answered in 10 s, 2 given
    up after 40 s. So 10 offered, 8 answered, 2 abandoned, service level 7 of 10."""
    rows = [record(n, queue="Billing", wait_s=10, answered=True) for n in range(5)]
    rows.append(record(5, queue="Billing", wait_s=50, answered=True))
    rows += [record(n, queue="Claims", wait_s=10, answered=True) for n in (6, 7)]
    rows += [record(n, queue="Claims", wait_s=40, answered=False) for n in (8, 9)]
    return lines(rows)


def five_more() -> bytes:
    """Five more of Billing, answered in 10 s."""
    return lines([record(n, queue="Billing", wait_s=10, answered=True) for n in range(20, 25)])


def lines(rows: list[dict[str, object]]) -> bytes:
    """Records as JSON lines."""
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)
