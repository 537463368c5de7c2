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
    return JsonRows(open_text(file), msgspec.json.Decoder(Record).decode, own=OWN)


def source_record(line: int, record: Record, region: str | None, latest: int) -> SourceRecord:
    """One record's contact. Raises BadValueError for a value that breaks a rule."""
    version = instant(record.LastUpdateTimestamp, "LastUpdateTimestamp")
    if version > latest:
        not_future(version, latest, "LastUpdateTimestamp")
    record_id = key(record.ContactId, "ContactId")
    return _make(SourceRecord, (line, record_id, version, (_contact(record, region, latest),)))


def _contact(record: Record, region: str | None, latest: int) -> Contact:
    started = arrived = instant(record.InitiationTimestamp, "InitiationTimestamp")
    if started > latest:
        not_future(started, latest, "InitiationTimestamp")
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
        arrived, wait = _stay(stay, work)
        if arrived > latest:
            not_future(arrived, latest, "EnqueueTimestamp")
        outcome = _ANSWERED if work is not None else _unanswered(record)
    if attributes is not None and None in attributes.values():
        attributes = {name: text for name, text in attributes.items() if text is not None}
    ended = _ended(record, started, arrived, latest)
    talk = hold = after = agent = None
    if work is not None:
        agent = _agent(work.ARN, work.Username)
        connected = instant(work.ConnectedToAgentTimestamp or "", "ConnectedToAgentTimestamp")
        if connected > latest:
            not_future(connected, latest, "ConnectedToAgentTimestamp")
        talk = _seconds(work.AgentInteractionDuration, "AgentInteractionDuration")
        hold = _seconds(work.CustomerHoldDuration, "CustomerHoldDuration")
        after = _seconds(work.AfterContactWorkDuration, "AfterContactWorkDuration")
    return _make(
        Contact,
        (
            0,
            channel,
            _DIRECTIONS.get(method, _INBOUND)
            if method != "API"
            else _BY_API.get(channel, _INBOUND),
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


def _transferred(record: Record) -> bool | None:
    """Whether the agent passed the contact on; None where the record alone cannot say: a contact
    that goes on in another record was transferred or only consulted about."""
    if record.TransferCompletedTimestamp or record.TransferredToEndpoint:
        return True
    return None if record.NextContactId else False


def _ended(record: Record, started: int, arrived: int, latest: int) -> int | None:
    """The disconnection, no earlier than the beginning and the arrival; None while it goes on."""
    if not record.DisconnectTimestamp:
        return None
    ended = instant(record.DisconnectTimestamp, "DisconnectTimestamp")
    not_future(ended, latest, "DisconnectTimestamp")
    if ended < started:
        raise BadValueError("DisconnectTimestamp is before InitiationTimestamp")
    if ended < arrived:
        raise BadValueError("DisconnectTimestamp is before EnqueueTimestamp")
    return ended


def _stay(stay: QueueStay, work: AgentWork | None) -> tuple[int, int | None]:
    """Arrival in the queue and the wait there: Queue.Duration, else from the timestamps."""
    arrived = instant(stay.EnqueueTimestamp or "", "EnqueueTimestamp")
    if stay.Duration is not None:
        return arrived, _seconds(stay.Duration, "Queue.Duration")
    left = stay.DequeueTimestamp or (work.ConnectedToAgentTimestamp if work else None)
    if not left:
        return arrived, None
    end = instant(left, "DequeueTimestamp")
    return arrived, between(arrived, end, "EnqueueTimestamp", "DequeueTimestamp")


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
