"""The sample files: the same for the same seed, readable by anybody, and plausible."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from portal.sample.customers import customers
from portal.sample.generate import SampleFile, days, files
from portal.sample.organizations import ORGANIZATIONS
from portal.sample.people import AGENT_KEYS

MONDAY = date(2026, 3, 2)
LATER_MS = int(datetime(2026, 4, 1, tzinfo=UTC).timestamp() * 1000)
CODES = ("harbour", "juniper")


def at(*moment: int) -> int:
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)  # type: ignore[misc,arg-type]


@cache
def told(code: str, day: date, until_ms: int) -> list[SampleFile]:
    return list(files(code, day, until_ms=until_ms))


def of(source: str, day: date = MONDAY, until_ms: int = LATER_MS) -> list[SampleFile]:
    code = "harbour" if source in {"amazon-connect", "three-cx"} else "juniper"
    return [file for file in told(code, day, until_ms) if file.source == source]


def connect(day: date = MONDAY, until_ms: int = LATER_MS) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for file in of("amazon-connect", day, until_ms)
        for line in file.content.splitlines()
    ]


def genesys(day: date = MONDAY, until_ms: int = LATER_MS) -> list[dict[str, Any]]:
    return [
        conversation
        for file in of("genesys", day, until_ms)
        for conversation in json.loads(file.content)["conversations"]
    ]


def three_cx(day: date = MONDAY, until_ms: int = LATER_MS) -> list[list[str]]:
    return [
        row
        for file in of("three-cx", day, until_ms)
        for row in csv.reader(io.StringIO(file.content.decode()))
    ]


@pytest.mark.parametrize("code", CODES)
def test_same_day_and_seed_give_the_same_bytes(code: str) -> None:
    assert list(files(code, MONDAY, until_ms=LATER_MS)) == list(
        files(code, MONDAY, until_ms=LATER_MS)
    )


@pytest.mark.parametrize("code", CODES)
def test_another_seed_or_day_gives_other_contacts(code: str) -> None:
    first = [file.content for file in files(code, MONDAY, until_ms=LATER_MS)]
    assert first != [file.content for file in files(code, MONDAY, until_ms=LATER_MS, seed=1)]
    tuesday = MONDAY + timedelta(days=1)
    assert first != [file.content for file in files(code, tuesday, until_ms=LATER_MS)]


def test_unknown_organization_is_refused() -> None:
    with pytest.raises(KeyError):
        list(files("nobody", MONDAY, until_ms=LATER_MS))


@pytest.mark.parametrize("code", CODES)
def test_a_day_to_come_gives_no_file(code: str) -> None:
    assert list(files(code, MONDAY, until_ms=at(2026, 3, 1, 12))) == []


def test_days_end_with_the_organizations_own_today() -> None:
    evening_in_new_york = at(2026, 3, 3, 2)
    assert days("juniper", until_ms=evening_in_new_york, count=2) == [date(2026, 3, 1), MONDAY]
    assert days("harbour", until_ms=evening_in_new_york, count=1) == [date(2026, 3, 3)]


def test_connect_records_carry_the_whole_record() -> None:
    for record in connect():
        assert list(record) == sorted(record)
        assert record["AWSContactTraceRecordFormatVersion"] == "2017-03-10"
        assert {"Queue", "Agent", "CustomerEndpoint", "LastUpdateTimestamp"} <= record.keys()


def test_connect_agent_times_add_up() -> None:
    for record in connect():
        agent = record["Agent"]
        if agent is None or agent["AfterContactWorkEndTimestamp"] is None:
            continue
        connected = datetime.fromisoformat(agent["ConnectedToAgentTimestamp"])
        parted = datetime.fromisoformat(record["DisconnectTimestamp"])
        spent = agent["AgentInteractionDuration"] + agent["CustomerHoldDuration"]
        assert parted - connected == timedelta(seconds=spent)


def test_connect_delivers_some_records_twice_and_corrects_others() -> None:
    versions: dict[str, list[str]] = {}
    for offset in range(3):
        for record in connect(MONDAY + timedelta(days=offset)):
            versions.setdefault(record["ContactId"], []).append(record["LastUpdateTimestamp"])
    repeated = [seen for seen in versions.values() if len(seen) > 1]
    assert any(len(set(seen)) == 1 for seen in repeated)
    assert any(len(set(seen)) == 2 for seen in repeated)


def test_connect_links_callbacks_and_transfers_both_ways() -> None:
    records = {record["ContactId"]: record for record in connect()}
    linked = [record for record in records.values() if record["PreviousContactId"]]
    assert {"CALLBACK", "TRANSFER"} <= {record["InitiationMethod"] for record in linked}
    for record in linked:
        assert records[record["PreviousContactId"]]["NextContactId"] == record["ContactId"]


def test_three_cx_rows_have_27_fields_and_ids_of_their_own() -> None:
    rows = [row for day in range(4) for row in three_cx(MONDAY + timedelta(days=day))]
    assert {len(row) for row in rows} == {27}
    assert len({row[0] for row in rows}) == len({row[1] for row in rows}) == len(rows)
    assert {"ReplacedDst", "QFwdToDNA", ""} == {row[12] for row in rows}
    assert [row[5] for row in rows] == sorted(row[5] for row in rows)


def test_three_cx_says_which_extensions_are_queues() -> None:
    (file,) = of("three-cx")
    assert file.queue_extensions == {"610", "611", "612"}
    dialled = {row[11] for row in three_cx() if row[20] == "External"}
    assert dialled == file.queue_extensions


def test_teams_rows_come_as_export_and_as_answer_by_turns() -> None:
    names = [
        file.name
        for offset in range(2)
        for file in of("teams", MONDAY + timedelta(days=offset))
        if "call-queues" in file.name
    ]
    assert sorted(name.rsplit(".", 1)[1] for name in names) == ["csv", "json"]


def teams_rows(day: date) -> Iterator[list[str]]:
    for file in of("teams", day):
        if file.name.endswith(".csv"):
            header, *rows = csv.reader(io.StringIO(file.content.decode("utf-8-sig")))
            assert header[1] == "CallQueueIdentity"
            yield from rows
        elif "call-queues" in file.name:
            yield from json.loads(file.content)["dataResult"]


def test_teams_results_are_the_vendors_words() -> None:
    seen = Counter(row[2] for day in range(4) for row in teams_rows(MONDAY + timedelta(days=day)))
    assert set(seen) == {
        "transferred_to_agent",
        "agent_joined_conference",
        "disconnected",
        "timed_out",
    }


def test_teams_call_records_carry_both_ends() -> None:
    (file,) = [file for file in of("teams") if "teams-calls" in file.name]
    for record in json.loads(file.content)["value"]:
        assert record["sessions"][0]["segments"]
        assert len(record["participants_v2"]) == 2


def metrics(conversation: dict[str, Any], purpose: str) -> dict[str, int]:
    return {
        metric["name"]: metric["value"]
        for participant in conversation["participants"]
        if participant["purpose"] == purpose
        for metric in participant["sessions"][0]["metrics"]
    }


def test_genesys_conversations_are_offered_answered_abandoned_and_sent_to_voicemail() -> None:
    counts: Counter[str] = Counter()
    for offset in (0, 1, 2):
        for conversation in genesys(MONDAY + timedelta(days=offset)):
            acd, agent = metrics(conversation, "acd"), metrics(conversation, "agent")
            counts.update({*acd, *agent})
            if conversation["originatingDirection"] == "inbound":
                assert "nOffered" in acd
    assert {"tAnswered", "tAbandon", "tShortAbandon", "tFlowOut", "tAcw", "tHeld"} <= set(counts)
    assert {"nTransferred", "nOutbound"} <= set(counts)


def test_genesys_handle_time_is_talk_hold_and_after_contact_work() -> None:
    for conversation in genesys():
        agents = [p for p in conversation["participants"] if p["purpose"] == "agent"]
        for participant in agents:
            spent = Counter({m["name"]: m["value"] for m in participant["sessions"][0]["metrics"]})
            assert spent["tHandle"] == spent["tTalk"] + spent["tHeld"] + spent["tAcw"]


NOON_IN_NEW_YORK = at(2026, 3, 2, 17)


def test_genesys_conversation_going_on_has_no_end_yet_and_keeps_its_id() -> None:
    now, later = genesys(until_ms=NOON_IN_NEW_YORK), {c["conversationId"]: c for c in genesys()}
    going_on = [c for c in now if "conversationEnd" not in c]
    assert going_on
    limit = datetime.fromtimestamp(NOON_IN_NEW_YORK / 1000, UTC).isoformat()
    for conversation in now:
        assert conversation["conversationStart"] <= limit
        assert len(json.dumps(later[conversation["conversationId"]])) >= len(
            json.dumps(conversation)
        )
    assert all("conversationEnd" in later[c["conversationId"]] for c in going_on)


def test_connect_contact_going_on_has_no_disconnect_and_an_older_version() -> None:
    noon = at(2026, 3, 2, 12)
    later = {record["ContactId"]: record for record in connect()}
    going_on = [record for record in connect(until_ms=noon) if not record["DisconnectTimestamp"]]
    assert going_on
    for record in going_on:
        final = later[record["ContactId"]]
        assert final["DisconnectTimestamp"] is not None
        assert final["LastUpdateTimestamp"] > record["LastUpdateTimestamp"]


def test_equal_connect_versions_have_equal_content_at_any_time_of_asking() -> None:
    versions: dict[tuple[str, str], dict[str, Any]] = {}
    for minute in range(0, 60, 7):
        for record in connect(until_ms=at(2026, 3, 2, 11, minute)):
            key = record["ContactId"], record["LastUpdateTimestamp"]
            assert versions.setdefault(key, record) == record


def test_three_cx_rows_told_early_stay_as_they_are() -> None:
    early, late = three_cx(until_ms=at(2026, 3, 2, 12)), three_cx()
    assert 0 < len(early) < len(late)
    assert late[: len(early)] == early


def test_weekdays_have_400_to_1000_contacts_mondays_more_weekends_few() -> None:
    def volume(code: str, day: date) -> int:
        if code == "harbour":
            return len({r["ContactId"] for r in connect(day)}) + len(three_cx(day))
        return len(genesys(day)) + len(list(teams_rows(day)))

    for code in CODES:
        week = [volume(code, MONDAY + timedelta(days=offset)) for offset in range(7)]
        assert all(400 <= number <= 1000 for number in week[:5])
        assert week[0] > sum(week[1:5]) / 4
        assert max(week[5:]) < min(week[:5])


def test_voice_peaks_in_the_local_morning() -> None:
    hours: Counter[int] = Counter()
    for offset in range(5):
        for row in three_cx(MONDAY + timedelta(days=offset)):
            hours[int(row[3][11:13])] += row[20] == "External"
    assert hours[10] > hours[12] < hours[14] > hours[17]
    assert not set(hours) - set(range(8, 18))


def test_outage_line_never_closes() -> None:
    hours = {
        datetime.fromisoformat(conversation["conversationStart"]).hour
        for offset in range(7)
        for conversation in genesys(MONDAY + timedelta(days=offset))
        if conversation["participants"][-1]["sessions"][0]["mediaType"] == "voice"
    }
    assert hours == set(range(24))


def test_storm_breaks_once_in_thirty_days_and_makes_people_give_up() -> None:
    juniper = ORGANIZATIONS["juniper"]
    month = [MONDAY + timedelta(days=offset) for offset in range(30)]
    (storm,) = [day for day in month if day.toordinal() % 30 == juniper.storm_day]

    def abandoned(day: date) -> int:
        return sum("tAbandon" in metrics(conversation, "acd") for conversation in genesys(day))

    assert abandoned(storm) > 2 * abandoned(storm - timedelta(days=7))


FICTIONAL = re.compile(
    r"\+44(?:7700900|1174960|1134960|2079460|1614960)\d{3}"
    r"|0(?:7700900|1174960|1134960|2079460|1614960)\d{3}"
    r"|\+1\d{3}55501\d{2}"
)


def test_customers_numbers_are_fictional_and_distinct() -> None:
    for country in ("GB", "US"):
        numbers = [customer.number for customer in customers(country)]
        assert len(set(numbers)) == len(numbers) >= 3000
        assert all(FICTIONAL.fullmatch(number) for number in numbers)


def test_files_hold_no_number_outside_the_fictional_ranges() -> None:
    plus = re.compile(r"\+\d+")
    for code in CODES:
        for file in told(code, MONDAY, LATER_MS):
            assert all(FICTIONAL.fullmatch(n) for n in plus.findall(file.content.decode()))
    for row in three_cx():
        outside = [cell for cell in (row[7], row[8], row[11]) if re.fullmatch(r"\d{5,}", cell)]
        assert all(FICTIONAL.fullmatch(number) for number in outside)


def test_agents_who_are_people_of_the_product_work_every_week() -> None:
    week = [MONDAY + timedelta(days=offset) for offset in range(7)]
    text = {
        source: b"".join(file.content for day in week for file in of(source, day))
        for source in ("amazon-connect", "three-cx", "genesys")
    }
    assert set(AGENT_KEYS["amira.khan"]) == {"amazon-connect", "three-cx"}
    assert set(AGENT_KEYS["noah.reyes"]) == {"genesys"}
    for slug in ("amira.khan", "noah.reyes"):
        for source, key in AGENT_KEYS[slug].items():
            assert key.encode() in text[source]
