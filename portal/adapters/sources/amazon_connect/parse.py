"""Reads contact records into contacts: one record is one contact. README.md says how and why."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import BinaryIO

import msgspec

from portal.adapters.sources.amazon_connect.payload import AgentWork, Endpoint, QueueStay, Record
from portal.adapters.sources.framing.guard import Row, guarded
from portal.adapters.sources.framing.json_rows import JsonRows
from portal.adapters.sources.framing.opening import open_text
from portal.adapters.sources.framing.values import (
    CLOCK,
    DAYS,
    LONGEST_MS,
    BadValueError,
    between,
    duration,
    horizon,
    instant,
    key,
    not_future,
    phone_number,
)
from portal.domain.contacts.model import (
    Agent,
    Channel,
    Contact,
    Customer,
    Direction,
    Gap,
    Outcome,
    Queue,
    SourceRecord,
    Timing,
)
from portal.domain.contacts.ports import SourceOptions

OWN = "an Amazon Connect contact record"
_CHANNELS = {channel.value.upper(): channel for channel in Channel}
_DIRECTIONS = {
    "OUTBOUND": Direction.OUTBOUND,
    "EXTERNAL_OUTBOUND": Direction.OUTBOUND,
    "AGENT_REPLY": Direction.OUTBOUND,
    "MONITOR": Direction.INTERNAL,
}
_LONGEST_S = LONGEST_MS // 1000
# Attribute access on an enumeration and a named tuple's own constructor are slow enough to
# matter at a hundred thousand records a second.
_INBOUND = Direction.INBOUND
_ANSWERED, _CONNECTED, _UNCONNECTED = Outcome.ANSWERED, Outcome.CONNECTED, Outcome.UNCONNECTED
_NO_WORK = (None, None, None, None)
_BY_API = {Channel.VOICE: Direction.OUTBOUND}
_make = tuple.__new__


class AmazonConnect:
    """The source `amazon-connect`: JSON object, array, JSON lines, or objects one after another."""

    name = "amazon-connect"
    title = "Amazon Connect"
    gaps: Mapping[Timing, Gap] = {}

    def read(self, file: BinaryIO, options: SourceOptions) -> Iterator[Row]:
        """See `portal.domain.contacts.ports.Source.read`."""
        region, latest = options.region, horizon(options.now_ms)
        return guarded(
            _values(file).records(lambda line, one: source_record(line, one, region, latest))
        )

    def check(self, file: BinaryIO) -> None:
        """See `portal.domain.contacts.ports.Source.check`."""
        _values(file).check()


def _values(file: BinaryIO) -> JsonRows[Record]:
    decoder = msgspec.json.Decoder(Record)
    return JsonRows(open_text(file), decoder.decode, own=OWN, decode_lines=decoder.decode_lines)


def source_record(line: int, record: Record, region: str | None, latest: int) -> SourceRecord:
    """One record's contact. Raises BadValueError for a value that breaks a rule."""
    version = _instant(record.LastUpdateTimestamp, "LastUpdateTimestamp", latest)
    record_id = key(record.ContactId, "ContactId")
    return _make(SourceRecord, (line, record_id, version, (_contact(record, region, latest),)))


def _contact(record: Record, region: str | None, latest: int) -> Contact:
    started = arrived = _instant(record.InitiationTimestamp, "InitiationTimestamp", latest)
    channel = _CHANNELS.get(record.Channel)
    if channel is None:
        raise BadValueError("Channel is none of VOICE, CHAT, TASK, EMAIL")
    stay, work = record.Queue, record.Agent
    if work is not None and not work.ConnectedToAgentTimestamp:
        work = None
    if stay is not None and not stay.EnqueueTimestamp:
        stay = None
    method, attributes = record.InitiationMethod, record.Attributes
    outcome, wait = _UNCONNECTED if work is None else _CONNECTED, None
    if stay is not None and method not in _DIRECTIONS:
        arrived = _instant(stay.EnqueueTimestamp, "EnqueueTimestamp", latest)
        wait = _wait(stay, work, arrived)
        outcome = _ANSWERED if work is not None else _unanswered(record)
    if attributes and None in attributes.values():
        attributes = {name: text for name, text in attributes.items() if text is not None}
    ended = _ended(record, started, arrived, latest)
    agent, talk, hold, after = _NO_WORK if work is None else _work(work, latest)
    direction = _DIRECTIONS.get(method, _INBOUND)
    return _make(
        Contact,
        (
            0,
            channel,
            direction if method != "API" else _BY_API.get(channel, _INBOUND),
            outcome,
            started,
            arrived,
            ended,
            None if stay is None else _queue(stay.ARN, stay.Name),
            agent,
            wait,
            talk,
            hold,
            after,
            _transferred(record),
            _customer(record.CustomerEndpoint, region),
            attributes or None,
        ),
    )


def _instant(text: str | None, field: str, latest: int) -> int:
    """The instant, none after the horizon."""
    try:
        value = DAYS[text[:11]] + CLOCK[text[11:]]  # type: ignore[index]
    except (TypeError, ValueError):
        value = instant(text or "", field)
    if value > latest:
        not_future(value, latest, field)
    return value


def _work(work: AgentWork, latest: int) -> tuple[Agent, int | None, int | None, int | None]:
    """The agent and the durations of talk, hold and after-contact work."""
    _instant(work.ConnectedToAgentTimestamp, "ConnectedToAgentTimestamp", latest)
    agent = _agent(work.ARN, work.Username)
    talk = work.AgentInteractionDuration
    hold = work.CustomerHoldDuration
    after = work.AfterContactWorkDuration
    try:
        if 0 <= talk <= _LONGEST_S >= hold >= 0 <= after <= _LONGEST_S:  # type: ignore[operator]
            return agent, talk * 1000, hold * 1000, after * 1000  # type: ignore[operator]
    except TypeError:
        pass  # one is not given
    return (
        agent,
        _seconds(talk, "AgentInteractionDuration"),
        _seconds(hold, "CustomerHoldDuration"),
        _seconds(after, "AfterContactWorkDuration"),
    )


def _transferred(record: Record) -> bool | None:
    """Whether the agent passed the contact on; None where the record alone cannot say: a contact
    that goes on in another record was transferred or only consulted about."""
    if record.TransferCompletedTimestamp or record.TransferredToEndpoint:
        return True
    return None if record.NextContactId else False


def _ended(record: Record, started: int, arrived: int, latest: int) -> int | None:
    """The disconnection, no earlier than the beginning and the arrival; None while it goes on."""
    text = record.DisconnectTimestamp
    if not text:
        return None
    ended = _instant(text, "DisconnectTimestamp", latest)
    if ended < started:
        raise BadValueError("DisconnectTimestamp is before InitiationTimestamp")
    if ended < arrived:
        raise BadValueError("DisconnectTimestamp is before EnqueueTimestamp")
    return ended


def _wait(stay: QueueStay, work: AgentWork | None, arrived: int) -> int | None:
    """The wait in the queue since the arrival: Queue.Duration, else from the timestamps."""
    if stay.Duration is not None:
        return _seconds(stay.Duration, "Queue.Duration")
    left = stay.DequeueTimestamp or (work.ConnectedToAgentTimestamp if work else None)
    if not left:
        return None
    end = instant(left, "DequeueTimestamp")
    return between(arrived, end, "EnqueueTimestamp", "DequeueTimestamp")


def _unanswered(record: Record) -> Outcome:
    """How a stay in a queue ended without an agent. A callback is never abandoned."""
    if not record.DisconnectTimestamp:
        return Outcome.WAITING
    if record.InitiationMethod == "CALLBACK":
        return Outcome.CALLBACK
    if record.NextContactId or record.TransferCompletedTimestamp or record.TransferredToEndpoint:
        return Outcome.FLOW_OUT
    return Outcome.ABANDONED


def _seconds(value: int | None, field: str) -> int | None:
    if value is not None and 0 <= value <= _LONGEST_S:
        return value * 1000
    return None if value is None else duration(value * 1000, field)


@lru_cache(maxsize=4096)
def _queue(arn: str | None, name: str | None) -> Queue:
    identifier = key(arn or name, "Queue.ARN")
    return Queue(identifier, key(name or identifier.rpartition("/")[2], "Queue.Name"))


@lru_cache(maxsize=65_536)
def _agent(arn: str | None, username: str | None) -> Agent:
    identifier = key(arn or username, "Agent.ARN")
    return Agent(identifier, key(username or identifier.rpartition("/")[2], "Agent.Username"))


def _customer(endpoint: Endpoint | None, region: str | None) -> Customer | None:
    if endpoint is None or not (address := endpoint.Address):
        return None
    if endpoint.Type is None or endpoint.Type == "TELEPHONE_NUMBER":
        number = phone_number(address, region)
        return _make(Customer, (number, None, None, None)) if number else None
    if endpoint.Type == "EMAIL_ADDRESS":
        return Customer(email=address.strip().lower())
    return Customer(external_id=address.strip())
