"""Writes columns of contacts as Amazon Connect contact records, format 2017-03-10, at speed.

Dates and identifiers are laid out by numpy into byte matrices; what is left for each line is one
`%` of a template: one for contacts that an agent took, one for those that nobody did.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, Final

import numpy as np
import numpy.typing as npt

ARN: Final = "arn:aws:connect:eu-west-2:123456789012:instance/5a1e0c52"
_DAY_S: Final = 86_400
_FIRST: Final = date(2020, 1, 1)
_DAYS: Final = 7305
_EPOCH_DAYS: Final = _FIRST.toordinal() - date(1970, 1, 1).toordinal()

Bytes = npt.NDArray[np.uint8]


def queue_arn(queue: int) -> str:
    """A queue's ARN, under which contacts stand in its records."""
    return f"{ARN}/queue/q{queue:03}"


def queue_name(queue: int) -> str:
    """A queue's name."""
    return f"Queue {queue:03}"


def agent_arn(agent: int) -> str:
    """An agent's ARN."""
    return f"{ARN}/agent/a{agent:05}"


def customer_number(customer: int) -> str:
    """A customer's number in E.164, under a country code that is not in use."""
    return f"+999{customer:09}"


def _matrix(texts: list[str]) -> Bytes:
    return np.array([text.encode() for text in texts]).view(np.uint8).reshape(len(texts), -1)


_DATES: Final = _matrix([(_FIRST + timedelta(days=day)).isoformat() for day in range(_DAYS)])
_CLOCKS: Final = _matrix([f"T{s // 3600:02}:{s // 60 % 60:02}:{s % 60:02}Z" for s in range(_DAY_S)])
_HEX: Final = _matrix([f"{byte:02x}" for byte in range(256)])

_HEAD: Final = (
    b'{"AWSAccountId":"123456789012","AWSContactTraceRecordFormatVersion":"2017-03-10","Agent":'
)
_AGENT: Final = (
    b'{"ARN":"' + ARN.encode() + b'/agent/%b","AfterContactWorkDuration":%d,'
    b'"AfterContactWorkEndTimestamp":"%b","AfterContactWorkStartTimestamp":"%b",'
    b'"AgentInteractionDuration":%d,"ConnectedToAgentTimestamp":"%b","CustomerHoldDuration":%d,'
    b'"HierarchyGroups":null,"LongestHoldDuration":%d,"NumberOfHolds":%d,'
    b'"RoutingProfile":null,"Username":"%b"}'
)
_REST: Final = (
    b',"Attributes":{},"Channel":"%b","ConnectedToSystemTimestamp":"%b","ContactId":"%b",'
    b'"CustomerEndpoint":{"Address":"+999%09d","Type":"TELEPHONE_NUMBER"},'
    b'"DisconnectTimestamp":"%b","InitialContactId":null,"InitiationMethod":"%b",'
    b'"InitiationTimestamp":"%b","LastUpdateTimestamp":"%b","NextContactId":null,'
    b'"Queue":{"ARN":"' + ARN.encode() + b'/queue/%b","DequeueTimestamp":"%b","Duration":%d,'
    b'"EnqueueTimestamp":"%b","Name":"Queue %b"},"Recording":null,'
    b'"TransferCompletedTimestamp":%b,"TransferredToEndpoint":null}\n'
)
_TAKEN: Final = _HEAD + _AGENT + _REST
_UNTAKEN: Final = _HEAD + b"null" + _REST
_CHANNELS: Final = (b"VOICE", b"CHAT", b"EMAIL")
_FLOW_OUT, _CALLBACK = 2, 3


def lines(contacts: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Contact records of some contacts (the columns of `bench.generate.Columns`), one a line."""
    taken = contacts["agent"] >= 0
    order = np.argsort(np.concatenate([np.flatnonzero(taken), np.flatnonzero(~taken)]))
    written = [
        *map(_TAKEN.__mod__, _fields(_chosen(contacts, taken), agent=True)),
        *map(_UNTAKEN.__mod__, _fields(_chosen(contacts, ~taken), agent=False)),
    ]
    return b"".join([written[place] for place in order.tolist()])


def _chosen(
    contacts: Mapping[str, npt.NDArray[Any]], which: npt.NDArray[np.bool_]
) -> dict[str, npt.NDArray[Any]]:
    return {name: column[which] for name, column in contacts.items()}


def _texts(matrix: Bytes) -> list[bytes]:
    flat = np.ascontiguousarray(matrix)
    texts: list[bytes] = flat.view(f"S{flat.shape[1]}").ravel().tolist()
    return texts


def _times(ms: npt.NDArray[np.int64]) -> list[bytes]:
    """`2026-04-08T15:00:49Z` of each instant between 2020 and 2039."""
    days, seconds = np.divmod(ms // 1000, _DAY_S)
    return _texts(np.concatenate([_DATES[days - _EPOCH_DAYS], _CLOCKS[seconds]], axis=1))


def _ids(raw: Bytes) -> list[bytes]:
    """Random UUIDs, version 4, in their usual spelling."""
    raw = raw.copy()
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    digits = _HEX[raw].reshape(len(raw), 32)
    text = np.full((len(raw), 36), ord("-"), np.uint8)
    for into, first, last in ((0, 0, 8), (9, 8, 12), (14, 12, 16), (19, 16, 20), (24, 20, 32)):
        text[:, into : into + last - first] = digits[:, first:last]
    return _texts(text)


def _labels(numbers: npt.NDArray[Any], form: bytes) -> list[bytes]:
    """Each number written by a form; a number that comes again is not written again."""
    known, place = np.unique(numbers, return_inverse=True)
    texts = [form % number for number in known.tolist()]
    return [texts[at] for at in place.tolist()]


def _fields(contacts: dict[str, npt.NDArray[Any]], *, agent: bool) -> Any:
    """Tuples of what the template asks for, one a contact."""
    arrived, wait, ended = contacts["arrived_ms"], contacts["wait_ms"], contacts["ended_ms"]
    acw, outcome = contacts["acw_ms"], contacts["outcome"]
    began, parted = _times(arrived), _times(ended)
    left = _times(arrived + wait)
    outbound = contacts["direction"] == 1
    method = np.select([outbound, outcome == _CALLBACK], [b"OUTBOUND", b"CALLBACK"], b"INBOUND")
    moved = [b'"%b"' % at if yes else b"null" for at, yes in zip(
        parted, (outcome == _FLOW_OUT).tolist(), strict=True
    )]  # fmt: skip
    rest = (
        [_CHANNELS[channel] for channel in contacts["channel"].tolist()],
        began,
        _ids(contacts["contact_id"]),
        contacts["customer"].tolist(),
        parted,
        method.tolist(),
        began,
        _times(ended + acw + 60_000),
        _labels(contacts["queue"], b"q%03d"),
        left,
        (wait // 1000).tolist(),
        began,
        _labels(contacts["queue"], b"%03d"),
        moved,
    )
    if not agent:
        return zip(*rest, strict=True)
    return zip(*_agent_fields(contacts, left, parted), *rest, strict=True)


def _agent_fields(
    contacts: dict[str, npt.NDArray[Any]], left: list[bytes], parted: list[bytes]
) -> tuple[list[Any], ...]:
    hold = (contacts["hold_ms"] // 1000).tolist()
    return (
        _labels(contacts["agent"], b"a%05d"),
        (contacts["acw_ms"] // 1000).tolist(),
        _times(contacts["ended_ms"] + contacts["acw_ms"]),
        parted,
        (contacts["talk_ms"] // 1000).tolist(),
        left,
        hold,
        hold,
        (contacts["hold_ms"] > 0).astype(int).tolist(),
        _labels(contacts["agent"], b"agent%05d"),
    )
