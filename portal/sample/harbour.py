"""Harbour Lane Insurance, London: Amazon Connect for the lines of business, 3CX in the branches."""

from typing import Final

from portal.sample import people
from portal.sample.model import Organization, Queue, System, Team

_OFFICE: Final = (8.0, 18.0)
_SATURDAY: Final = (9.0, 13.0)

_VOICE: Final = tuple(
    Queue(
        people.connect_arn("queue", name),
        name,
        "voice",
        daily,
        _OFFICE,
        _SATURDAY,
        None,
        talk=talk,
        after_contact_work=acw,
        patience=170,
        flow_out=420,
        callback=0.2,
        transfer_to=(passed_to,),
        storm=storm,
    )
    for name, daily, talk, acw, passed_to, storm in (
        ("Claims", 125, 310, 55, "Complaints", 2.6),
        ("New policies", 75, 260, 40, "Renewals", 0.8),
        ("Renewals", 85, 200, 30, "New policies", 1.0),
        ("Complaints", 30, 420, 80, "Claims", 1.5),
    )
)
_CHAT: Final = tuple(
    Queue(
        people.connect_arn("queue", name),
        name,
        "chat",
        daily,
        _OFFICE,
        _SATURDAY,
        None,
        talk=talk,
        after_contact_work=20,
        patience=240,
    )
    for name, daily, talk in (("Claims", 35, 520), ("Renewals", 40, 400))
)

_CONNECT: Final = System(
    "amazon-connect",
    _VOICE + _CHAT,
    (
        Team(
            people.CONNECT_VOICE,
            frozenset(queue.skill for queue in _VOICE),
            weekday=((8, 16, 4), (10, 18, 4)),
            saturday=((9, 13, 4),),
        ),
        Team(
            people.CONNECT_CHAT,
            frozenset(queue.skill for queue in _CHAT),
            weekday=((8, 16, 1), (9, 18, 1), (10, 18, 1)),
            saturday=((9, 13, 1),),
            at_once=3,
        ),
    ),
    tick_ms=1000,
    outbound=22,
    menu=(8, 50),
)

_BRISTOL, _LEEDS = (
    Queue(
        extension,
        name,
        "voice",
        daily,
        (9.0, 17.5),
        (9.5, 12.5),
        None,
        talk=210,
        after_contact_work=5,
        patience=110,
        storm=1.8,
    )
    for extension, name, daily in (("610", "Bristol branch", 52), ("611", "Leeds branch", 58))
)
_MAIN_LINE: Final = Queue(
    "612",
    "Main line",
    "voice",
    24,
    (9.0, 17.5),
    None,
    None,
    talk=120,
    after_contact_work=5,
    patience=160,
    flow_out=30,
)

_THREE_CX: Final = System(
    "three-cx",
    (_BRISTOL, _LEEDS, _MAIN_LINE),
    (
        Team(
            people.BRISTOL,
            frozenset({_BRISTOL.skill}),
            weekday=((9, 17.5, 1), (10, 16, 1)),
            saturday=((9.5, 12.5, 1),),
        ),
        Team(
            people.LEEDS,
            frozenset({_LEEDS.skill, _MAIN_LINE.skill}),
            weekday=((9, 17.5, 2), (10, 16, 1)),
            saturday=((9.5, 12.5, 1),),
        ),
    ),
    tick_ms=1000,
    outbound=44,
    queue_extensions=frozenset({"610", "611", "612"}),
)

HARBOUR: Final = Organization(
    "harbour", "Harbour Lane Insurance", "Europe/London", "GB", 11, (_CONNECT, _THREE_CX)
)
