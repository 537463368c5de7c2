"""Graph's call records. They know who took part and when, not what a queue did with a call.

Source: microsoft.graph.callRecords.callRecord and communicationsIdentitySet, version 1.0.
"""

from collections.abc import Iterator

import msgspec

from portal.adapters.sources.framing.values import (
    BadValueError,
    between,
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
    IgnoredRow,
    Outcome,
    Queue,
    SourceRecord,
)

_HIGHEST_VERSION = (1 << 63) - 1


class Identity(msgspec.Struct, rename="camel"):
    """A user, phone or application."""

    id: str | None = None
    display_name: str | None = None
    user_principal_name: str | None = None


class IdentitySet(msgspec.Struct, rename="camel"):
    """One identity, in the member that says what it is."""

    user: Identity | None = None
    phone: Identity | None = None
    guest: Identity | None = None
    acs_user: Identity | None = None
    application_instance: Identity | None = None


class Participant(msgspec.Struct, rename="camel"):
    """An organizer or participant; older records hold the identity set itself."""

    identity: IdentitySet | None = None
    user: Identity | None = None
    phone: Identity | None = None
    guest: Identity | None = None
    acs_user: Identity | None = None
    application_instance: Identity | None = None

    def set(self) -> IdentitySet:
        """The identity set, wherever it stands."""
        return self.identity or IdentitySet(
            self.user, self.phone, self.guest, self.acs_user, self.application_instance
        )


class Endpoint(msgspec.Struct, rename="camel"):
    """An end of a session."""

    identity: IdentitySet | None = None


class FailureInfo(msgspec.Struct):
    """Why a session failed."""

    stage: str | None = None


class Session(msgspec.Struct, rename="camel"):
    """One session between two endpoints."""

    caller: Endpoint | None = None
    callee: Endpoint | None = None
    failure_info: FailureInfo | None = None
    is_test: bool | None = None


class CallRecord(msgspec.Struct, rename="camel"):
    """A call record, or (with `resource_data`) a notification that there is one."""

    id: str | None = None
    version: int = 0
    type: str = "unknown"
    start_date_time: str | None = None
    end_date_time: str | None = None
    organizer_v2: Participant | None = msgspec.field(default=None, name="organizer_v2")
    organizer: Participant | None = None
    participants_v2: list[Participant] = msgspec.field(default_factory=list, name="participants_v2")
    participants: list[Participant] = []
    sessions: list[Session] = []
    subscription_id: str | None = None


class _People:
    """Who took part, by kind, the organizer first."""

    def __init__(self, record: CallRecord) -> None:
        self.organizer = _organizer(record)
        self.users: list[Identity] = []
        self.phones: list[Identity] = []
        self.guests: list[Identity] = []
        self.applications: list[Identity] = []
        for found in _identity_sets(record):
            for kind, identities in (
                (found.user, self.users),
                (found.phone, self.phones),
                (found.guest or found.acs_user, self.guests),
                (found.application_instance, self.applications),
            ):
                if (
                    kind is not None
                    and kind.id
                    and all(kind.id != other.id for other in identities)
                ):
                    identities.append(kind)


def call_row(
    line: int, record: CallRecord, region: str | None, latest: int
) -> SourceRecord | IgnoredRow:
    """One call's contact. Raises BadValueError for a value that breaks a rule."""
    if record.subscription_id is not None:
        return IgnoredRow(line, "a notification carries no call record")
    record_id = key(record.id, "id")
    started = instant(record.start_date_time or "", "startDateTime")
    ended = instant(record.end_date_time or "", "endDateTime")
    between(started, ended, "startDateTime", "endDateTime")
    not_future(ended, latest, "endDateTime")
    if not 0 <= record.version <= _HIGHEST_VERSION:
        raise BadValueError("version does not fit 64 bits")
    people = _People(record)
    if any(session.is_test for session in record.sessions):
        return IgnoredRow(line, "a test call")
    outside = people.phones or people.guests or people.applications
    if record.type.casefold() == "groupcall" and not outside:
        return IgnoredRow(line, "a meeting without anybody from outside")
    contact = _contact(record, people, (started, ended), region)
    return SourceRecord(line, record_id, record.version, (contact,))


def _contact(
    record: CallRecord, people: _People, bounds: tuple[int, int], region: str | None
) -> Contact:
    direction = _direction(people)
    connected = _connected(record, people, direction)
    queue = None
    if people.applications and people.users and connected:
        application = people.applications[0]
        identifier = key(application.id, "applicationInstance.id")
        queue = Queue(identifier, application.display_name or identifier)
    return Contact(
        leg=0,
        channel=Channel.VOICE,
        direction=direction,
        outcome=Outcome.CONNECTED if connected else Outcome.UNCONNECTED,
        started_ms=bounds[0],
        arrived_ms=bounds[0],
        ended_ms=bounds[1],
        queue=queue,
        agent=_agent(people.users[0]) if people.users and connected else None,
        customer=_customer(people, region),
    )


def _connected(record: CallRecord, people: _People, direction: Direction) -> bool:
    """Whether two sides talked, as far as the record tells: not when every session failed, nor
    when an inbound call reached nobody."""
    if record.sessions and all(session.failure_info for session in record.sessions):
        return False
    if direction is Direction.INBOUND and not people.users:
        return False
    return record.end_date_time != record.start_date_time


def _direction(people: _People) -> Direction:
    organizer = people.organizer
    if organizer is not None and organizer.user is not None:
        return Direction.OUTBOUND if people.phones or people.guests else Direction.INTERNAL
    if people.phones or people.guests or people.applications:
        return Direction.INBOUND
    return Direction.INTERNAL


def _agent(user: Identity) -> Agent:
    identifier = key(user.id, "user.id")
    return Agent(identifier, user.display_name or user.user_principal_name or identifier)


def _customer(people: _People, region: str | None) -> Customer | None:
    if people.phones:
        number = phone_number(people.phones[0].id or "", region)
        return Customer(number) if number else None
    if people.guests:
        guest = people.guests[0]
        return Customer(name=guest.display_name, external_id=guest.id)
    return None


def _organizer(record: CallRecord) -> IdentitySet | None:
    organizer = record.organizer_v2 or record.organizer
    return organizer.set() if organizer is not None else None


def _identity_sets(record: CallRecord) -> Iterator[IdentitySet]:
    organizer = _organizer(record)
    if organizer is not None:
        yield organizer
    for participant in record.participants_v2 or record.participants:
        yield participant.set()
    for session in record.sessions:
        for endpoint in (session.caller, session.callee):
            if endpoint is not None and endpoint.identity is not None:
                yield endpoint.identity
