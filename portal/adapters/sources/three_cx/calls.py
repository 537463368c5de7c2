"""What one 3CX call means: a stay in a queue, or a direct call."""

import re

from portal.adapters.sources.framing.values import BadValueError, duration, key, phone_number
from portal.adapters.sources.three_cx.columns import Call
from portal.domain.contacts.model import (
    Agent,
    Channel,
    Contact,
    Customer,
    Direction,
    Outcome,
    Queue,
)
from portal.domain.contacts.ports import SourceOptions

Moments = tuple[int, int | None, int]
"""Start, answer (None when nobody and nothing answered) and end of a call."""

_SPAN = re.compile(r"(-?)(?:(\d{1,4})\.)?(\d{1,5}):(\d{1,2}):(\d{1,2})(?:\.\d{1,9})?", re.ASCII)
_OUTSIDE_TYPES = frozenset({"external", "line", "provider", "externalline", "bridge"})
_MACHINES = frozenset(
    {"queue", "ivr", "vmail", "voicemail", "script", "ringgroup", "rgroup", "fax", "parking"}
)
_TRANSFERS = frozenset({"replaceddst", "replacedsrc"})
_PLACEHOLDER_NAMES = frozenset({"from disp", "to disp", "fin disp", "final disp"})
_EXTENSION = "ext."


def contact(call: Call, moments: Moments, options: SourceOptions) -> Contact:
    """The call's contact: offered when it was to a queue of the options, else direct."""
    destination = _extension(call.to_dn or call.to_no or call.dial_no)
    if destination in options.queue_extensions:
        return _queued(call, moments, destination, options.region)
    return _direct(call, moments, options.region)


def _queued(call: Call, moments: Moments, extension: str, region: str | None) -> Contact:
    """A stay in a queue. `time-answered` is the queue's own pick-up, so it tells nothing."""
    started, _, ended = moments
    reason = call.reason_changed.casefold()
    lasted = span(call.duration)
    wait: int | None = ended - started if lasted is None else lasted
    outcome, agent = Outcome.ABANDONED, None
    if reason == "replaceddst":
        outcome, wait = Outcome.ANSWERED, None
        agent = _agent(call.final_dn or call.final_number, call.final_dispname)
    elif reason.startswith("qfwdto"):
        outcome, wait = Outcome.FLOW_OUT, None
    return Contact(
        leg=0,
        channel=Channel.VOICE,
        direction=_direction(call),
        outcome=outcome,
        started_ms=started,
        arrived_ms=started,
        ended_ms=ended,
        queue=Queue(key(extension, "to-dn"), _real(call.to_dispname) or extension),
        agent=agent,
        wait_ms=wait,
        customer=_customer(call, region),
    )


def _direct(call: Call, moments: Moments, region: str | None) -> Contact:
    started, answered, ended = moments
    direction = _direction(call)
    if direction is not Direction.INBOUND:
        agent = _agent(call.from_dn or call.from_no, call.from_dispname)
    elif call.final_dn and not _outside(call.final_type, call.final_number):
        agent = _person(call.final_dn, call.final_dispname, call.final_type)
    else:
        agent = _person(call.to_dn or call.to_no, call.to_dispname, call.to_type)
    talk = span(call.duration)
    return Contact(
        leg=0,
        channel=Channel.VOICE,
        direction=direction,
        outcome=Outcome.UNCONNECTED if answered is None else Outcome.CONNECTED,
        started_ms=started,
        arrived_ms=started,
        ended_ms=ended,
        agent=agent if answered is not None else None,
        talk_ms=talk if answered is not None else None,
        transferred=call.reason_changed.casefold() in _TRANSFERS,
        customer=_customer(call, region),
    )


def span(text: str) -> int | None:
    """Milliseconds of an `HH:MM:SS` (or `D.HH:MM:SS`); None for a blank one."""
    if not text:
        return None
    match = _SPAN.fullmatch(text)
    if match is None:
        raise BadValueError("duration is not HH:MM:SS")
    sign, days, hours, minutes, seconds = match.groups()
    if sign:
        raise BadValueError("duration is negative")
    total = ((int(days or 0) * 24 + int(hours)) * 60 + int(minutes)) * 60 + int(seconds)
    return duration(total * 1000, "duration")


def _direction(call: Call) -> Direction:
    if _outside(call.from_type, call.from_no):
        return Direction.INBOUND
    if _outside(call.to_type, call.to_no or call.dial_no):
        return Direction.OUTBOUND
    return Direction.INTERNAL


def _outside(kind: str, number: str) -> bool:
    """Whether a party is outside: by its type; in rows of the old form by its missing `Ext.`."""
    if kind:
        return kind.casefold().replace(" ", "") in _OUTSIDE_TYPES
    return number[:1] in set("+0123456789") and len(number) > 5


def _customer(call: Call, region: str | None) -> Customer | None:
    """The outside party: who called, or who was dialled."""
    direction = _direction(call)
    if direction is Direction.INTERNAL:
        return None
    number, name = call.from_no, call.from_dispname
    if direction is Direction.OUTBOUND:
        number, name = call.dial_no or call.to_no, call.to_dispname
    if not number or not any(map(str.isdigit, number)) or number.casefold().startswith(_EXTENSION):
        return None
    read = phone_number(number, region)
    return Customer(read, name=_real(name)) if read else None


def _person(extension: str, name: str, kind: str) -> Agent | None:
    return None if kind.casefold() in _MACHINES else _agent(extension, name)


def _agent(extension: str, name: str) -> Agent | None:
    """An agent by extension; None where the field names a machine (`EndCall`, `Voicemail`)."""
    extension = _extension(extension)
    if not extension.strip("+").isdigit():
        return None
    return Agent(key(extension, "final-dn"), _real(name) or extension)


def _extension(text: str) -> str:
    return text[len(_EXTENSION) :] if text.casefold().startswith(_EXTENSION) else text


def _real(name: str) -> str | None:
    """A display name; None where the field is blank, a number, or an anonymiser's filler."""
    if name.casefold() in _PLACEHOLDER_NAMES or not name.isprintable():
        return None
    if not any(map(str.isalpha, name)):
        return None
    return name[:256]
