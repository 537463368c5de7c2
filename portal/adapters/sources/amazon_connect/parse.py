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
    stay, work, method = record.Queue, record.Agent, record.InitiationMethod
    if work is not None and not work.ConnectedToAgentTimestamp:
        work = None
    if stay is not None and not stay.EnqueueTimestamp:
        stay = None
    offered = stay if method not in _DIRECTIONS else None
    version, started, arrived, ended = _instants(record, offered, work, latest)
    channel = _CHANNELS.get(record.Channel)
    if channel is None:
        raise BadValueError("Channel is none of VOICE, CHAT, TASK, EMAIL")
    outcome, wait = _UNCONNECTED if work is None else _CONNECTED, None
    if offered is not None:
        wait = _wait(offered, work, arrived)
        outcome = _ANSWERED if work is not None else _unanswered(record)
    agent, talk, hold, after = _NO_WORK if work is None else _work(work)
    direction = _DIRECTIONS.get(method, _INBOUND)
    contact = _make(
        Contact,
        (
            0,
            channel,
            direction if method != "API" else _BY_API.get(channel, _INBOUND),
            outcome,
            started,
            arrived,
            ended or None,
            None if stay is None else _queue(stay.ARN, stay.Name),
            agent,
            wait,
            talk,
            hold,
            after,
            _transferred(record),
            _customer(record.CustomerEndpoint, region),
            _attributes(record.Attributes) if record.Attributes else None,
        ),
    )
    return _make(SourceRecord, (line, key(record.ContactId, "ContactId"), version, (contact,)))


Instants = tuple[int, int, int, int]
"""The last update, the beginning, the arrival in the queue (else the beginning) and the end, 0
while the contact goes on."""


def _instants(
    record: Record, stay: QueueStay | None, work: AgentWork | None, latest: int
) -> Instants:
    """None is after the horizon, and the end no earlier than beginning and arrival. Read in one go
    where all are written to the second, as Connect does."""
    days, clock = DAYS, CLOCK
    try:
        text = record.LastUpdateTimestamp
        newest = version = days[text[:11]] + clock[text[11:]]
        text = record.InitiationTimestamp
        arrived = started = days[text[:11]] + clock[text[11:]]
        if stay is not None and (queued := stay.EnqueueTimestamp or "") != text:
            arrived = days[queued[:11]] + clock[queued[11:]]
        if work is not None:
            text = work.ConnectedToAgentTimestamp or ""
            newest = max(newest, days[text[:11]] + clock[text[11:]])
        if text := record.DisconnectTimestamp or "":
            ended = days[text[:11]] + clock[text[11:]]
            if started <= ended >= arrived and newest <= latest >= ended:
                return version, started, arrived, ended
        elif newest <= latest >= started and arrived <= latest:
            return version, started, arrived, 0
    except ValueError:
        pass  # one is written otherwise, or is none
    return _read_instants(record, stay, work, latest)


def _read_instants(
    record: Record, stay: QueueStay | None, work: AgentWork | None, latest: int
) -> Instants:
    """As `_instants`, one after the other; the first that breaks a rule is the reason."""

    def read(text: str | None, field: str) -> int:
        value = instant(text or "", field)
        not_future(value, latest, field)
        return value

    version = read(record.LastUpdateTimestamp, "LastUpdateTimestamp")
    arrived = started = read(record.InitiationTimestamp, "InitiationTimestamp")
    ended = 0
    if stay is not None:
        arrived = read(stay.EnqueueTimestamp, "EnqueueTimestamp")
    if record.DisconnectTimestamp:
        ended = read(record.DisconnectTimestamp, "DisconnectTimestamp")
        if ended < started:
            raise BadValueError("DisconnectTimestamp is before InitiationTimestamp")
        if ended < arrived:
            raise BadValueError("DisconnectTimestamp is before EnqueueTimestamp")
    if work is not None:
        read(work.ConnectedToAgentTimestamp, "ConnectedToAgentTimestamp")
    return version, started, arrived, ended


def _work(work: AgentWork) -> tuple[Agent, int | None, int | None, int | None]:
    """The agent and the durations of talk, hold and after-contact work."""
    agent = _agent(work.ARN, work.Username)
    talk = work.AgentInteractionDuration
    hold = work.CustomerHoldDuration
    after = work.AfterContactWorkDuration
    if (
        talk is not None
        and hold is not None
        and after is not None
        and 0 <= talk <= _LONGEST_S >= hold >= 0 <= after <= _LONGEST_S
    ):
        return agent, talk * 1000, hold * 1000, after * 1000
    return (
        agent,
        _seconds(talk, "AgentInteractionDuration"),
        _seconds(hold, "CustomerHoldDuration"),
        _seconds(after, "AfterContactWorkDuration"),
    )


def _attributes(given: Mapping[str, str | None]) -> dict[str, str] | None:
    return {name: text for name, text in given.items() if text is not None} or None


def _transferred(record: Record) -> bool | None:
    """Whether the agent passed the contact on; None where the record alone cannot say: a contact
    that goes on in another record was transferred or only consulted about."""
    if record.TransferCompletedTimestamp or record.TransferredToEndpoint:
        return True
    return None if record.NextContactId else False


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
    if endpoint.Type == "TELEPHONE_NUMBER" or endpoint.Type is None:
        number = phone_number(address, region)
        return _make(Customer, (number, None, None, None)) if number else None
    if endpoint.Type == "EMAIL_ADDRESS":
        return Customer(email=address.strip().lower())
    return Customer(external_id=address.strip())
