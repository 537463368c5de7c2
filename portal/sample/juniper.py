"""Juniper Street Energy, New York: Genesys Cloud for customers, Teams call queues for the rest."""

from typing import Final

from portal.sample import people
from portal.sample.model import Hours, Organization, Queue, System, Team

_ALWAYS: Final = (0.0, 24.0)
_OFFICE: Final = (8.0, 19.0)
_SATURDAY: Final = (9.0, 15.0)
_MAIL_DESK: Final = (7.0, 19.0)


def _queue_id(name: str) -> str:
    return people.stable_id("genesys", "queue", name)


_OUTAGES: Final = Queue(
    _queue_id("Outages"),
    "Outages",
    "voice",
    135,
    _ALWAYS,
    _ALWAYS,
    _ALWAYS,
    talk=190,
    after_contact_work=25,
    patience=200,
    flow_out=600,
    callback=0.15,
    transfer_to=("Billing",),
    storm=6.0,
)
_BILLING, _MOVING = (
    Queue(
        _queue_id(name),
        name,
        "voice",
        daily,
        _OFFICE,
        _SATURDAY,
        None,
        talk=talk,
        after_contact_work=40,
        patience=160,
        flow_out=360,
        transfer_to=(passed_to,),
        storm=1.4,
    )
    for name, daily, talk, passed_to in (
        ("Billing", 120, 270, "Moving home"),
        ("Moving home", 55, 330, "Billing"),
    )
)
_CHATS: Final = tuple(
    Queue(
        _queue_id(name),
        name,
        "chat",
        daily,
        _OFFICE,
        _SATURDAY,
        None,
        talk=talk,
        after_contact_work=15,
        patience=220,
        storm=storm,
    )
    for name, daily, talk, storm in (("Billing", 48, 430, 1.2), ("Outages", 30, 300, 4.0))
)
_MAILS: Final = tuple(
    Queue(
        _queue_id(name),
        name,
        "email",
        daily,
        _MAIL_DESK,
        _MAIL_DESK,
        None,
        talk=320,
        after_contact_work=30,
        patience=None,
    )
    for name, daily in (("Billing", 34), ("Moving home", 26))
)

_GENESYS: Final = System(
    "genesys",
    (_OUTAGES, _BILLING, _MOVING, *_CHATS, *_MAILS),
    (
        Team(
            people.GENESYS_OUTAGES,
            frozenset({_OUTAGES.skill}),
            weekday=((0, 7, 1), (7, 15, 2), (9, 17, 1), (15, 23, 2), (23, 31, 1)),
            saturday=((0, 7, 1), (7, 15, 1), (15, 23, 2), (23, 31, 1)),
            sunday=((0, 7, 1), (7, 15, 1), (15, 23, 1), (23, 31, 1)),
        ),
        Team(
            people.GENESYS_BILLING,
            frozenset({_BILLING.skill, _MOVING.skill}),
            weekday=((8, 16, 3), (11, 19, 3)),
            saturday=((9, 15, 3),),
        ),
        Team(
            people.GENESYS_DIGITAL[:2],
            frozenset(queue.skill for queue in _CHATS),
            weekday=((8, 16, 1), (11, 19, 1)),
            saturday=((9, 15, 1),),
            at_once=3,
        ),
        Team(
            people.GENESYS_DIGITAL[2:],
            frozenset(queue.skill for queue in _MAILS),
            weekday=((7, 14, 1), (12, 19.5, 1)),
            saturday=((7, 19.5, 1),),
            at_once=2,
        ),
    ),
    tick_ms=1,
    outbound=18,
    menu=(10, 70),
)


def _call_queue(  # a Teams call queue is named by the account it answers under
    account: str, daily: float, weekday: Hours, weekend: Hours | None, storm: float = 1.0
) -> Queue:
    name = f"{account}@juniper.example"
    return Queue(
        name,
        name,
        "voice",
        daily,
        weekday,
        weekend,
        weekend,
        talk=160,
        after_contact_work=5,
        patience=120,
        flow_out=180,
        storm=storm,
    )


_RECEPTION: Final = _call_queue("cq_reception", 62, (8.0, 18.0), None)
_FIELD_CREWS: Final = _call_queue("cq_field_crews", 46, (6.0, 20.0), (7.0, 17.0), storm=3.0)
_EVENING: Final = _call_queue("cq_outages_evening", 34, (17.0, 24.0), (12.0, 24.0), storm=4.0)

_TEAMS: Final = System(
    "teams",
    (_RECEPTION, _FIELD_CREWS, _EVENING),
    (
        Team(people.TEAMS_USERS[:2], frozenset({_RECEPTION.skill}), weekday=((8, 18, 1),)),
        Team(
            people.TEAMS_USERS[2:4],
            frozenset({_FIELD_CREWS.skill}),
            weekday=((6, 13, 1), (12.5, 20, 1)),
            saturday=((7, 17, 1),),
            sunday=((7, 17, 1),),
        ),
        Team(
            people.TEAMS_USERS[4:],
            frozenset({_EVENING.skill}),
            weekday=((17, 24, 2),),
            saturday=((12, 24, 1),),
            sunday=((12, 24, 1),),
        ),
    ),
    tick_ms=1000,
    outbound=8,
)

JUNIPER: Final = Organization(
    "juniper", "Juniper Street Energy", "America/New_York", "US", 5, (_GENESYS, _TEAMS)
)
