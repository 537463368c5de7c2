"""Teams: rows of the call-queue report in every form, and Graph call records."""

import json
from typing import Any

import pytest

from portal.adapters.sources import SOURCES
from portal.domain.contacts.model import Direction, IgnoredRow, Outcome, Timing
from portal.domain.shared.errors import UnusableFile
from tests.unit.sources.helpers import contact, document, fixture, read, records, rejections

SOURCE = "teams"
ROW = ["2026-04-01T09:12:44Z", "cq_a@contoso.example", "transferred_to_agent", 18.0, "d-1", 1, 18.0]


def answer(*rows: list[Any], **beside: Any) -> bytes:
    return json.dumps({"dataResult": [list(row) for row in rows], **beside}).encode()


def changed(**places: Any) -> list[Any]:
    """ROW with some of its values replaced."""
    names = ("start", "queue", "result", "wait", "id", "count", "average")
    return [places.get(name, value) for name, value in zip(names, ROW, strict=True)]


def export(header: str, *rows: str) -> bytes:
    return "\n".join((header, *rows)).encode()


def test_the_answer_in_the_documented_order() -> None:
    found = records(SOURCE, fixture("teams-queue-report.json"))
    assert [record.contacts[0].outcome for record in found] == [
        Outcome.ANSWERED,
        Outcome.ABANDONED,
        Outcome.FLOW_OUT,
        Outcome.CALLBACK,
    ]
    leg = found[0].contacts[0]
    assert (leg.arrived_ms, leg.wait_ms, leg.talk_ms) == (1_775_034_764_000, 18_000, None)
    assert leg.queue == ("cq_sales@contoso.example", "cq_sales")
    assert (leg.direction, leg.agent, leg.customer) == (Direction.INBOUND, None, None)
    assert [record.line for record in found] == [3, 12, 21, 30]
    assert [len(record.contacts) for record in found] == [1, 1, 1, 2]


def test_the_answer_with_its_query_beside() -> None:
    names = ["DocumentId", "CallQueueIdentity", "UserStartTimeUTC", "CallQueueCallResult"]
    query = {
        "Dimensions": [{"DataModelName": name} for name in names],
        "Measurements": [{"DataModelName": "TotalCallCount"}],
    }
    row = ["d-1", "cq_a@contoso.example", "2026-04-01T09:12:44Z", "overflown", 1]
    for text in (answer(row, **query), answer(row, query=query), answer(row, body=query)):
        [record] = records(SOURCE, text)
        assert (record.record_id, record.contacts[0].outcome) == ("d-1", Outcome.FLOW_OUT)


def test_bare_rows_and_rows_as_objects() -> None:
    assert len(records(SOURCE, json.dumps([ROW, changed(id="d-2")]).encode())) == 2
    row = {
        "CallQueueIdentity": "cq_a@contoso.example",
        "CallQueueCallResult": "no_agent",
        "UserStartTimeUTC": "2026-04-01T09:12:44Z",
    }
    assert contact(SOURCE, [row]).outcome is Outcome.FLOW_OUT


def test_an_export_with_its_own_names_marks_and_decimals() -> None:
    rows = read(SOURCE, fixture("teams-queue-report.csv"))
    assert rows[0] == IgnoredRow(1, "the header")
    answered, abandoned = (
        record.contacts[0] for record in records(SOURCE, fixture("teams-queue-report.csv"))
    )
    assert (answered.outcome, answered.wait_ms) == (Outcome.ANSWERED, 18_000)
    assert answered.ended_ms == 1_775_035_200_000
    assert (abandoned.outcome, abandoned.wait_ms) == (Outcome.ABANDONED, 7500)
    assert answered.queue == ("cq_sales", "cq_sales")


@pytest.mark.parametrize(
    ("result", "abandoned", "outcome"),
    [
        ("agent_joined_conference", "", Outcome.ANSWERED),
        ("transferred_to_callback_caller", "", Outcome.ANSWERED),
        ("Timed_Out", "", Outcome.FLOW_OUT),
        ("disconnected", "", Outcome.ABANDONED),
        ("failed", "", Outcome.ABANDONED),
        ("disconnected", "False", Outcome.FLOW_OUT),
        ("no_agent", "True", Outcome.ABANDONED),
    ],
)
def test_outcome(result: str, abandoned: str, outcome: Outcome) -> None:
    text = export(
        "CallQueueCallResult,IsAbandoned,UserStartTimeUTC,CallQueueIdentity,DocumentId",
        f"{result},{abandoned},2026-04-01T09:12:44,cq_a@contoso.example,d-1",
    )
    [record] = records(SOURCE, text)
    assert record.contacts[0].outcome is outcome


@pytest.mark.parametrize(
    ("legend", "outcome"),
    [
        ("Agent Answered (Call)", Outcome.ANSWERED),
        ("Abandoned", Outcome.ABANDONED),
        ("Overflowed (Voicemail)", Outcome.FLOW_OUT),
        ("Timed Out (Callback)", Outcome.CALLBACK),
    ],
)
def test_outcome_by_legend(legend: str, outcome: Outcome) -> None:
    text = export(
        "fCallQueueAnalytics[Call Queue Call Result Legend]\tCall Start Time UTC\tCQ Name",
        f"{legend}\t2026-04-01 09:12:44\tcq_a",
    )
    [record] = records(SOURCE, text)
    assert record.contacts[0].outcome is outcome


def test_a_row_of_several_calls_gives_as_many_contacts() -> None:
    timed, averaged = records(
        SOURCE,
        answer(changed(count=3, id=None), changed(count=3, id=None, wait=None, result="overflown")),
    )
    assert [leg.wait_ms for leg in timed.contacts] == [18_000] * 3
    assert [leg.wait_ms for leg in averaged.contacts] == [None] * 3
    assert [leg.leg for leg in timed.contacts] == [0, 1, 2]
    assert timed.record_id != averaged.record_id


def test_an_average_over_one_call_is_its_wait() -> None:
    [record] = records(SOURCE, answer(changed(wait=None)))
    assert record.contacts[0].wait_ms == 18_000


def test_a_row_without_an_id_is_known_again_and_grows_with_its_count() -> None:
    [first], [again] = (
        records(SOURCE, answer(changed(id=None, count=count, average=average)))
        for count, average in ((2, 18.0), (3, 19.0))
    )
    assert first.record_id == again.record_id
    assert first.version < again.version


def test_rows_that_carry_no_contact_are_ignored() -> None:
    rows = read(SOURCE, answer(changed(count=0), changed(queue=None), ROW))
    assert [row.reason for row in rows if isinstance(row, IgnoredRow)] == [
        "a row of no calls",
        "a call without a call queue",
    ]


def test_an_answering_agent_and_an_internal_caller() -> None:
    text = export(
        "CallQueueCallResult,SecondUPN,PSTNCallType,UserStartTimeUTC,CallQueueIdentity,CallQueueId",
        "transferred_to_agent,Alex@contoso.example,Internal,2026-04-01T09:12:44Z,cq_a@c.example,Q1",
    )
    [record] = records(SOURCE, text)
    [leg] = record.contacts
    assert leg.agent == ("alex@contoso.example", "Alex")
    assert (leg.direction, leg.queue) == (Direction.INTERNAL, ("Q1", "cq_a"))


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (changed(wait=-1), "CallQueueDurationSeconds is negative"),
        (changed(wait="x"), "CallQueueDurationSeconds is not a number"),
        (changed(wait="nan"), "CallQueueDurationSeconds is not a number"),
        (changed(wait=5e6), "CallQueueDurationSeconds is longer than 49 days"),
        (changed(result="lost"), "CallQueueCallResult is none of the documented results"),
        (changed(start="01/04/2026"), "UserStartTimeUTC is not a date and time"),
        (
            changed(start="2031-04-01T09:12:44Z"),
            "UserStartTimeUTC is more than a day in the future",
        ),
        (changed(count=1.5), "TotalCallCount is not a whole number"),
        (changed(count=1e9), "TotalCallCount is over 10000"),
        (changed(id="x" * 300), "DocumentId is longer than 256 characters"),
        (ROW[:5], "the row has 5 fields instead of 7"),
    ],
)
def test_refused(bad: list[Any], expected: str) -> None:
    [rejection] = rejections(SOURCE, answer(ROW, bad))
    assert rejection.reason == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b'{"dataResult":[["a"', "not well-formed JSON; it may be cut off"),
        (b"a,b\n1,2\n", "This is not a Microsoft Teams queue report"),
        (b"UserStartTimeUTC,DocumentId\n", "lacks CallQueueIdentity, CallQueueCallResult"),
        (fixture("three-cx.csv"), "looks like a 3CX call record"),
        (fixture("genesys-conversation.json"), "looks like a Genesys Cloud conversation"),
        (answer(["x"]), "the row has 1 fields"),
    ],
)
def test_unusable(text: bytes, expected: str) -> None:
    with pytest.raises(UnusableFile, match=expected):
        read(SOURCE, text)


def test_a_call_record_with_a_resource_account_names_queue_agent_and_customer() -> None:
    [record] = records(SOURCE, fixture("teams-call-record.json"))
    [leg] = record.contacts
    assert (record.record_id[:8], record.version) == ("e5230000", 2)
    assert (leg.outcome, leg.direction, leg.wait_ms) == (Outcome.CONNECTED, Direction.INBOUND, None)
    assert (leg.queue, leg.agent) == (("app1", "Sales queue"), ("u1", "Alex Agent"))
    assert leg.customer is not None
    assert leg.customer.number == "+12025550103"
    assert (leg.started_ms, leg.ended_ms) == (1_772_045_541_216, 1_772_045_686_764)


def call(**fields: Any) -> dict[str, Any]:
    return {**document("teams-call-record.json"), **fields}


def person(kind: str, identifier: str) -> dict[str, Any]:
    return {"id": identifier, "identity": {kind: {"id": identifier, "displayName": None}}}


def test_nobody_answering_is_unconnected_without_a_queue() -> None:
    leg = contact(SOURCE, call(participants_v2=[person("phone", "+12025550103")]))
    assert (leg.outcome, leg.queue, leg.agent) == (Outcome.UNCONNECTED, None, None)


def test_a_user_calling_a_phone_is_outbound() -> None:
    leg = contact(
        SOURCE,
        call(organizer_v2=person("user", "u9"), participants_v2=[person("phone", "+12025550103")]),
    )
    assert (leg.outcome, leg.direction, leg.agent) == (
        Outcome.CONNECTED,
        Direction.OUTBOUND,
        ("u9", "u9"),
    )


def test_a_call_whose_sessions_failed_is_unconnected() -> None:
    failed = [{"failureInfo": {"stage": "callSetup"}}]
    assert contact(SOURCE, call(sessions=failed)).outcome is Outcome.UNCONNECTED


def test_older_records_hold_identities_directly() -> None:
    value = call(organizer={"phone": {"id": "+12025550103"}}, participants=[{"user": {"id": "u1"}}])
    del value["organizer_v2"], value["participants_v2"]
    leg = contact(SOURCE, value)
    assert (leg.direction, leg.agent) == (Direction.INBOUND, ("u1", "u1"))


def test_a_page_of_call_records() -> None:
    text = json.dumps({"@odata.context": "c", "value": [call(), call(id="e-2")]}, indent=1)
    assert len(records(SOURCE, text.encode())) == 2


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"subscriptionId": "s"}, "a notification carries no call record"),
        ({"sessions": [{"isTest": True}]}, "a test call"),
        (
            {"organizer_v2": person("user", "u1"), "participants_v2": []},
            "a meeting without anybody from outside",
        ),
    ],
)
def test_ignored_records(fields: dict[str, Any], expected: str) -> None:
    rows = read(SOURCE, json.dumps(call(**fields)).encode())
    assert [row.reason for row in rows if isinstance(row, IgnoredRow)] == [expected]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"id": None}, "id is missing"),
        ({"version": -1}, "version does not fit 64 bits"),
        ({"endDateTime": "2026-02-25T18:00:00Z"}, "endDateTime is before startDateTime"),
        ({"endDateTime": None}, "endDateTime is not a date and time"),
    ],
)
def test_refused_records(fields: dict[str, Any], expected: str) -> None:
    lines = f"{json.dumps(call())}\n{json.dumps(call(**fields))}\n"
    [rejection] = rejections(SOURCE, lines.encode())
    assert rejection.reason == expected


def test_what_the_source_cannot_give_is_said() -> None:
    assert set(SOURCES[SOURCE].gaps) == set(Timing) - {Timing.WAIT_ANSWERED, Timing.WAIT_ABANDONED}
