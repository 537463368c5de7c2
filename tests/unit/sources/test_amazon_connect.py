"""Amazon Connect contact records: what a record means."""

import json
from typing import Any

import pytest

from portal.domain.contacts.model import Channel, Direction, Outcome
from tests.unit.sources.helpers import contact, document, fixture, reason, records

SOURCE = "amazon-connect"
LINE = json.dumps(document("amazon-connect-record.json")).encode()


def changed(**fields: Any) -> dict[str, Any]:
    """The fixture's record with top-level fields replaced; a dict is merged into the old one."""
    record: dict[str, Any] = document("amazon-connect-record.json")
    for name, value in fields.items():
        old = record.get(name)
        record[name] = {**old, **value} if isinstance(value, dict) and old else value
    return record


def test_an_answered_contact_has_the_documented_times() -> None:
    [record] = records(SOURCE, fixture("amazon-connect-record.json"))
    [leg] = record.contacts
    assert (record.line, record.record_id) == (1, "15a5cf14-3212-45a1-9f86-000000000001")
    assert record.version == 1_775_660_582_000
    assert leg.outcome is Outcome.ANSWERED
    assert (leg.wait_ms, leg.talk_ms, leg.hold_ms, leg.after_contact_work_ms) == (
        7000,
        33_000,
        0,
        32_000,
    )
    assert leg.arrived_ms - leg.started_ms == 64_000
    assert leg.ended_ms == 1_775_660_482_000
    assert leg.queue is not None
    assert leg.queue.name == "BasicQueue"
    assert leg.agent is not None
    assert (leg.agent.key[-8:], leg.agent.name) == ("agent/a1", "agent1")
    assert leg.customer is not None
    assert leg.customer.number == "+12025550101"
    assert leg.attributes == {"greetingPlayed": "true"}
    assert (leg.channel, leg.direction) == (Channel.VOICE, Direction.INBOUND)
    assert leg.transferred is False


def test_without_an_agent_it_is_an_abandon_after_seven_seconds() -> None:
    leg = contact(SOURCE, changed(Agent=None))
    assert (leg.outcome, leg.wait_ms, leg.agent) == (Outcome.ABANDONED, 7000, None)
    assert leg.talk_ms is None


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({"Agent": None, "InitiationMethod": "CALLBACK"}, Outcome.CALLBACK),
        ({"Agent": None, "NextContactId": "n"}, Outcome.FLOW_OUT),
        ({"Agent": None, "TransferCompletedTimestamp": "2026-04-08T15:00:49Z"}, Outcome.FLOW_OUT),
        ({"Agent": None, "DisconnectTimestamp": None}, Outcome.WAITING),
        ({"Agent": {"ConnectedToAgentTimestamp": None}}, Outcome.ABANDONED),
        ({"InitiationMethod": "CALLBACK"}, Outcome.ANSWERED),
        ({"InitiationMethod": "QUEUE_TRANSFER"}, Outcome.ANSWERED),
        ({"InitiationMethod": "OUTBOUND"}, Outcome.CONNECTED),
        ({"InitiationMethod": "EXTERNAL_OUTBOUND", "Agent": None}, Outcome.UNCONNECTED),
        ({"InitiationMethod": "MONITOR"}, Outcome.CONNECTED),
        ({"Queue": None}, Outcome.CONNECTED),
        ({"Queue": {"EnqueueTimestamp": None}}, Outcome.CONNECTED),
        ({"Queue": None, "Agent": None}, Outcome.UNCONNECTED),
    ],
)
def test_outcome(fields: dict[str, Any], outcome: Outcome) -> None:
    assert contact(SOURCE, changed(**fields)).outcome is outcome


@pytest.mark.parametrize(
    ("method", "channel", "direction"),
    [
        ("INBOUND", "VOICE", Direction.INBOUND),
        ("API", "VOICE", Direction.OUTBOUND),
        ("API", "TASK", Direction.INBOUND),
        ("OUTBOUND", "VOICE", Direction.OUTBOUND),
        ("MONITOR", "VOICE", Direction.INTERNAL),
        ("CALLBACK", "VOICE", Direction.INBOUND),
    ],
)
def test_direction(method: str, channel: str, direction: Direction) -> None:
    leg = contact(SOURCE, changed(InitiationMethod=method, Channel=channel))
    assert leg.direction is direction


def test_a_direct_contact_arrives_when_it_starts() -> None:
    leg = contact(SOURCE, changed(Queue=None))
    assert leg.arrived_ms == leg.started_ms
    assert (leg.queue, leg.wait_ms) == (None, None)


def test_the_wait_comes_from_the_timestamps_when_the_duration_is_missing() -> None:
    leg = contact(SOURCE, changed(Queue={"Duration": None}))
    assert leg.wait_ms == 7000
    assert contact(SOURCE, changed(Queue={"Duration": None, "DequeueTimestamp": None})).wait_ms == (
        7000
    )


def test_work_after_the_contact_that_goes_on_is_not_given() -> None:
    leg = contact(SOURCE, changed(Agent={"AfterContactWorkDuration": None}))
    assert leg.after_contact_work_ms is None
    assert leg.talk_ms == 33_000


def test_a_transfer_is_seen_by_its_endpoint_or_time() -> None:
    assert contact(SOURCE, changed(TransferredToEndpoint={"Type": "TELEPHONE_NUMBER"})).transferred
    assert contact(SOURCE, changed(TransferCompletedTimestamp="2026-04-08T15:01:00Z")).transferred


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        ({"Address": "020 7946 0018", "Type": "TELEPHONE_NUMBER"}, ("+442079460018", None, None)),
        (
            {"Address": "Casey@Example.org", "Type": "EMAIL_ADDRESS"},
            (None, "casey@example.org", None),
        ),
        ({"Address": "visitor-1", "Type": "VOIP"}, (None, None, "visitor-1")),
    ],
)
def test_customer(endpoint: dict[str, str], expected: tuple[str | None, ...]) -> None:
    customer = contact(SOURCE, changed(CustomerEndpoint=endpoint)).customer
    assert customer is not None
    assert (customer.number, customer.email, customer.external_id) == expected


@pytest.mark.parametrize("endpoint", [None, {"Address": "anonymous", "Type": "TELEPHONE_NUMBER"}])
def test_a_withheld_number_is_no_customer(endpoint: dict[str, str] | None) -> None:
    record = changed()
    record["CustomerEndpoint"] = endpoint
    assert contact(SOURCE, record).customer is None


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"ContactId": ""}, "ContactId is missing"),
        ({"ContactId": "x" * 257}, "ContactId is longer than 256 characters"),
        ({"ContactId": None}, "Expected `str`, got `null` - at `$.ContactId`"),
        ({"Channel": "FAX"}, "Channel is none of VOICE, CHAT, TASK, EMAIL"),
        (
            {"DisconnectTimestamp": "2026-04-08T14:00:00Z"},
            "DisconnectTimestamp is before InitiationTimestamp",
        ),
        ({"Queue": {"Duration": -1}}, "Queue.Duration is negative"),
        ({"Queue": {"Duration": 50 * 86_400}}, "Queue.Duration is longer than 49 days"),
        ({"Queue": {"Duration": "7"}}, "Expected `int | null`, got `str` - at `$.Queue.Duration`"),
        ({"Agent": {"CustomerHoldDuration": -5}}, "CustomerHoldDuration is negative"),
        (
            {"LastUpdateTimestamp": "2030-01-01T00:00:00Z"},
            "LastUpdateTimestamp is more than a day in the future",
        ),
        ({"InitiationTimestamp": "soon"}, "InitiationTimestamp is not a date and time"),
        ({"InitiationTimestamp": "0001-01-01T00:00:00Z"}, "InitiationTimestamp is before 1990"),
        (
            {"InitiationTimestamp": "2026-02-30T00:00:00Z"},
            "InitiationTimestamp is not a date and time",
        ),
    ],
)
def test_refused(fields: dict[str, Any], expected: str) -> None:
    assert reason(SOURCE, LINE, changed(**fields)) == expected


def test_unpadded_and_fractional_times_are_read() -> None:
    leg = contact(
        SOURCE,
        changed(
            InitiationTimestamp="2026-04-8T14:59:38Z",
            DisconnectTimestamp="2026-04-08T15:01:22.250Z",
        ),
    )
    assert leg.started_ms == 1_775_660_378_000
    assert leg.ended_ms == 1_775_660_482_250


def test_unknown_fields_are_dropped_and_empty_attributes_are_none() -> None:
    leg = contact(SOURCE, changed(NewField={"a": 1}, Attributes={"greetingPlayed": None}))
    assert leg.attributes is None


def test_a_later_update_has_a_higher_version() -> None:
    first, second = (
        records(SOURCE, json.dumps(changed(LastUpdateTimestamp=when)).encode())[0]
        for when in ("2026-04-08T15:03:02Z", "2026-04-08T15:09:02Z")
    )
    assert first.record_id == second.record_id
    assert first.version < second.version < 2**63


def test_lines_of_several_kinds() -> None:
    outcomes = [
        record.contacts[0].outcome
        for record in records(SOURCE, fixture("amazon-connect-records.jsonl"))
    ]
    assert outcomes == [Outcome.ANSWERED, Outcome.ABANDONED, Outcome.CALLBACK, Outcome.ANSWERED]


def test_a_contact_that_goes_on_elsewhere_may_have_been_transferred() -> None:
    assert contact(SOURCE, changed(NextContactId="n")).transferred is None


@pytest.mark.parametrize(
    ("part", "field", "value", "said"),
    [
        (
            "Queue",
            "EnqueueTimestamp",
            "2099-01-01T00:00:00Z",
            "EnqueueTimestamp is more than a day",
        ),
        ("Agent", "ConnectedToAgentTimestamp", "2099-01-01T00:00:00Z", "in the future"),
        ("Agent", "ConnectedToAgentTimestamp", "rubbish", "ConnectedToAgentTimestamp"),
    ],
)
def test_moments_in_the_queue_and_with_the_agent_are_checked(
    part: str, field: str, value: str, said: str
) -> None:
    record = json.loads(LINE)
    bad = {**record, "ContactId": "bad", "DisconnectTimestamp": None}
    bad[part] = {**record[part], field: value}
    assert said in reason(SOURCE, LINE, bad)
