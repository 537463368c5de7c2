"""Genesys Cloud conversations: legs, times, open conversations and their versions."""

import json
from typing import Any

import pytest

from portal.domain.contacts.model import Channel, Contact, Direction, Outcome
from tests.unit.sources.helpers import document, fixture, reason, records

SOURCE = "genesys"
LINE = json.dumps(document("genesys-conversation.json")).encode()
DAY = "2026-04-01T"
QUEUE, OTHER_QUEUE = "q-1", "q-2"


def segment(kind: str, start: str, end: str | None = None, **fields: str) -> dict[str, str]:
    times = {"segmentStart": f"{DAY}{start}Z"} | ({"segmentEnd": f"{DAY}{end}Z"} if end else {})
    return {"segmentType": kind, **times, **fields}


def participant(purpose: str, *segments: dict[str, str], **fields: Any) -> dict[str, Any]:
    metrics = [{"name": name, "value": value} for name, value in fields.pop("metrics", {}).items()]
    session = {
        "mediaType": fields.pop("media", "voice"),
        "segments": list(segments),
        "metrics": metrics,
        **fields.pop("session", {}),
    }
    return {"purpose": purpose, "sessions": [session], **fields}


def visit(start: str, end: str | None, queue: str = QUEUE, **fields: Any) -> dict[str, Any]:
    """An acd participant; `how` is its disconnect type."""
    how = fields.pop("how", "transfer" if end else "")
    return participant(
        "acd", segment("interact", start, end, queueId=queue, disconnectType=how), **fields
    )


def agent(user: str, *segments: dict[str, str], **fields: Any) -> dict[str, Any]:
    return participant("agent", *segments, userId=user, **fields)


def conversation(
    *participants: dict[str, Any], end: str | None = "10:30:00", **fields: Any
) -> dict[str, Any]:
    ends = {"conversationEnd": f"{DAY}{end}Z"} if end else {}
    return {
        "conversationId": "c-1",
        "conversationStart": f"{DAY}10:00:00Z",
        "originatingDirection": "inbound",
        "participants": list(participants),
        **ends,
        **fields,
    }


def legs(*participants: dict[str, Any], **fields: Any) -> tuple[Contact, ...]:
    [record] = records(SOURCE, json.dumps(conversation(*participants, **fields)).encode())
    assert [leg.leg for leg in record.contacts] == list(range(len(record.contacts)))
    return record.contacts


def test_the_golden_conversation() -> None:
    [record] = records(SOURCE, fixture("genesys-conversation.json"))
    [leg] = record.contacts
    assert (leg.outcome, leg.channel) == (Outcome.ANSWERED, Channel.CHAT)
    assert (leg.wait_ms, leg.talk_ms, leg.hold_ms, leg.after_contact_work_ms) == (
        11_179,
        374_561,
        544_176,
        0,
    )
    assert (leg.talk_ms or 0) + (leg.hold_ms or 0) == 918_737
    assert leg.arrived_ms - leg.started_ms == 2
    assert leg.customer is not None
    assert leg.customer.name == "Casey Example"
    assert leg.transferred is False


def test_an_open_conversation_with_unpadded_days() -> None:
    [record] = records(SOURCE, fixture("genesys-open-unpadded.json"))
    [leg] = record.contacts
    assert (leg.wait_ms, leg.talk_ms, leg.hold_ms) == (6384, 923_484, 0)
    assert leg.after_contact_work_ms is None
    assert leg.arrived_ms == 1_775_143_851_422
    assert leg.ended_ms == 1_775_144_781_293


def test_a_customer_who_hangs_up_in_the_queue_abandons() -> None:
    for how in ("client", "peer", "endpoint"):
        [leg] = legs(visit("10:00:05", "10:00:50", how=how))
        assert (leg.outcome, leg.wait_ms) == (Outcome.ABANDONED, 45_000)
    [measured] = legs(visit("10:00:05", "10:00:50", metrics={"tAbandon": 44_900}))
    assert (measured.outcome, measured.wait_ms) == (Outcome.ABANDONED, 44_900)


def test_leaving_for_another_queue_flows_out() -> None:
    first, second = legs(
        visit("10:00:05", "10:00:50"),
        visit("10:00:50", "10:01:00", OTHER_QUEUE),
        agent("u", segment("interact", "10:01:00", "10:05:00", queueId=OTHER_QUEUE)),
    )
    assert (first.outcome, first.wait_ms, first.agent) == (Outcome.FLOW_OUT, 45_000, None)
    assert (second.outcome, second.wait_ms, second.talk_ms) == (Outcome.ANSWERED, 10_000, 240_000)
    assert second.queue == (OTHER_QUEUE, OTHER_QUEUE)


@pytest.mark.parametrize(
    "after",
    [
        participant("voicemail", segment("voicemail", "10:00:50", "10:01:20")),
        participant("ivr", segment("ivr", "10:00:51", "10:01:20")),
    ],
)
def test_leaving_for_a_machine_flows_out(after: dict[str, Any]) -> None:
    [leg] = legs(visit("10:00:05", "10:00:50", how="peer"), after)
    assert leg.outcome is Outcome.FLOW_OUT


def test_the_vendors_flow_out_metric_counts() -> None:
    [leg] = legs(visit("10:00:05", "10:00:50", how="system", metrics={"tFlowOut": 45_000}))
    assert leg.outcome is Outcome.FLOW_OUT


def test_waiting_while_nobody_took_it() -> None:
    [leg] = legs(visit("10:00:05", None), end=None)
    assert (leg.outcome, leg.ended_ms, leg.wait_ms) == (Outcome.WAITING, None, None)


def test_going_on_with_an_agent_has_no_end_and_no_sums() -> None:
    [leg] = legs(
        visit("10:00:05", "10:00:15"),
        agent("u", segment("interact", "10:00:15", queueId=QUEUE), metrics={"tAnswered": 10_000}),
        end=None,
    )
    assert (leg.outcome, leg.wait_ms) == (Outcome.ANSWERED, 10_000)
    assert (leg.ended_ms, leg.talk_ms, leg.hold_ms, leg.after_contact_work_ms) == (None,) * 4


def test_wrap_up_is_summed_apart_from_talk_and_hold() -> None:
    [leg] = legs(
        visit("10:00:05", "10:00:15"),
        agent(
            "u",
            segment("interact", "10:00:15", "10:01:15", queueId=QUEUE),
            segment("hold", "10:01:15", "10:01:45", queueId=QUEUE),
            segment("interact", "10:01:45", "10:02:15", queueId=QUEUE),
            segment("wrapup", "10:02:15", "10:02:35", queueId=QUEUE),
        ),
    )
    assert (leg.talk_ms, leg.hold_ms, leg.after_contact_work_ms) == (90_000, 30_000, 20_000)
    assert leg.ended_ms is not None
    assert leg.ended_ms - leg.arrived_ms == 130_000


def test_an_agent_who_did_not_answer_is_not_the_one() -> None:
    [leg] = legs(
        visit("10:00:05", "10:00:40"),
        agent("u1", segment("alert", "10:00:10", "10:00:25", queueId=QUEUE)),
        agent("u2", segment("interact", "10:00:40", "10:01:40", queueId=QUEUE)),
    )
    assert leg.agent == ("u2", "u2")


def test_a_transfer_to_another_agent_is_a_leg_that_is_handled_but_not_offered() -> None:
    first, second = legs(
        visit("10:00:05", "10:00:15"),
        agent(
            "u1",
            segment("interact", "10:00:15", "10:01:15", queueId=QUEUE, disconnectType="transfer"),
            participantName="Robin Agent",
        ),
        agent("u2", segment("interact", "10:01:20", "10:02:20")),
    )
    assert (first.outcome, first.transferred) == (Outcome.ANSWERED, True)
    assert first.agent == ("u1", "Robin Agent")
    assert (second.outcome, second.transferred, second.wait_ms) == (Outcome.CONNECTED, False, None)
    assert second.queue == (QUEUE, QUEUE)
    assert second.talk_ms == 60_000


def test_an_outbound_call_for_a_queue_is_not_offered() -> None:
    [leg] = legs(
        agent(
            "u",
            segment("dialing", "10:00:00", "10:00:10", queueId=QUEUE),
            segment("interact", "10:00:10", "10:02:10", queueId=QUEUE),
        ),
        participant(
            "customer",
            segment("interact", "10:00:10", "10:02:10"),
            session={"dnis": "tel:+12025550104"},
        ),
        originatingDirection="outbound",
    )
    assert (leg.outcome, leg.direction) == (Outcome.CONNECTED, Direction.OUTBOUND)
    assert (leg.talk_ms, leg.queue) == (120_000, (QUEUE, QUEUE))
    assert leg.customer is not None
    assert leg.customer.number == "+12025550104"


def test_an_outbound_call_nobody_took_is_unconnected() -> None:
    [leg] = legs(
        agent("u", segment("contacting", "10:00:00", "10:00:20", queueId=QUEUE)),
        originatingDirection="outbound",
    )
    assert (leg.outcome, leg.agent) == (Outcome.UNCONNECTED, ("u", "u"))


def test_a_call_between_colleagues_is_internal() -> None:
    first, *_ = legs(
        participant("user", segment("interact", "10:00:00", "10:01:00"), userId="a"),
        participant("user", segment("interact", "10:00:00", "10:01:00"), userId="b"),
    )
    assert (first.outcome, first.direction) == (Outcome.CONNECTED, Direction.INTERNAL)


def test_a_call_that_ends_in_the_menu_is_unconnected() -> None:
    [leg] = legs(
        participant(
            "customer",
            segment("interact", "10:00:00", "10:00:30"),
            session={"ani": "sip:+12025550105@host"},
        ),
        participant("ivr", segment("ivr", "10:00:00", "10:00:30")),
    )
    assert (leg.outcome, leg.queue) == (Outcome.UNCONNECTED, None)
    assert leg.customer is not None
    assert leg.customer.number == "+12025550105"


def test_a_callback_is_asked_for_and_then_answered_once() -> None:
    asked, answered = legs(
        visit("10:00:05", "10:00:50"),
        visit("10:00:51", "10:10:00", media="callback"),
        {
            "purpose": "agent",
            "userId": "u",
            "sessions": [
                {
                    "mediaType": "callback",
                    "segments": [segment("interact", "10:10:00", "10:12:00", queueId=QUEUE)],
                },
                {"mediaType": "voice", "segments": [segment("interact", "10:10:20", "10:12:00")]},
            ],
        },
    )
    assert asked.outcome is Outcome.CALLBACK
    assert (answered.outcome, answered.talk_ms) == (Outcome.ANSWERED, 120_000)


def test_a_callback_nobody_made_is_not_abandoned() -> None:
    [leg] = legs(visit("10:00:05", "10:20:00", how="client", media="callback"))
    assert leg.outcome is Outcome.CALLBACK


def test_mail_names_its_sender() -> None:
    [leg] = legs(
        participant(
            "customer",
            segment("interact", "10:00:00", "10:20:00"),
            media="email",
            session={"addressFrom": "Casey@Example.org"},
        ),
        visit("10:00:05", "10:20:00", media="email", how="client"),
    )
    assert leg.channel is Channel.EMAIL
    assert leg.customer is not None
    assert leg.customer.email == "casey@example.org"


def test_the_version_grows_with_content() -> None:
    waiting = conversation(visit("10:00:05", None), end=None)
    talking = conversation(
        visit("10:00:05", "10:00:15"),
        agent("u", segment("interact", "10:00:15", queueId=QUEUE)),
        end=None,
    )
    done = conversation(
        visit("10:00:05", "10:00:15"),
        agent("u", segment("interact", "10:00:15", "10:30:00", queueId=QUEUE)),
        end=None,
    )
    closed = conversation(*done["participants"])
    versions = [
        records(SOURCE, json.dumps(state).encode())[0].version
        for state in (waiting, talking, done, closed)
    ]
    assert versions == sorted(set(versions))
    assert versions[-1] < 2**63


@pytest.mark.parametrize("layout", [None, 1])
def test_the_answer_of_a_details_query(layout: int | None) -> None:
    one = document("genesys-conversation.json")
    text = json.dumps(
        {"totalHits": 2, "conversations": [one, one], "aggregations": [{"a": []}]}, indent=layout
    )
    assert len(records(SOURCE, text.encode())) == 2


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (conversation(visit("10:00:50", "10:00:05")), "segmentEnd is before segmentStart"),
        (conversation(end="09:00:00"), "conversationEnd is before conversationStart"),
        (conversation(visit("10:00:05", "10:00:50", metrics={"tAcd": -1})), "tAcd is negative"),
        (
            conversation(visit("10:00:05", "10:00:50", metrics={"tAcd": 5e12})),
            "tAcd is longer than 49 days",
        ),
        (conversation(conversationId=" "), "conversationId is missing"),
        (
            conversation(conversationStart="2031-01-01T00:00:00Z", end=None),
            "the conversation's newest time is more than a day in the future",
        ),
        (conversation(), "no session has a mediaType that is voice, chat, message, email or task"),
        (conversation(participants="x"), "Expected `array`, got `str` - at `$.participants`"),
        (
            {"ContactId": "x"},
            "this looks like an Amazon Connect contact record, not a Genesys Cloud conversation",
        ),
    ],
)
def test_refused(bad: dict[str, Any], expected: str) -> None:
    assert reason(SOURCE, LINE, bad) == expected
