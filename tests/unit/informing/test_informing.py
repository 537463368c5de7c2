"""Publishing, confirming, coverage, the gate before figures."""

import asyncio
import json
from dataclasses import replace

import pytest

from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from portal.domain.informing.documents import EDITION, KNOWN
from portal.domain.informing.model import Audience, Missing, Text, Way
from portal.domain.informing.rules import LONGEST_TEXT, MOST_LINES
from portal.domain.informing.service import FRESH_MS
from portal.domain.shared.errors import Conflict, Forbidden, InvalidInput, NotFound
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import actions, trail, who
from tests.unit.informing.helpers import (
    AMIRA,
    ENGLISH,
    HANA,
    SOFIA,
    confirm,
    publish,
    require,
)


async def is_admitted(services: Services, slug: str) -> bool:
    try:
        await services.dashboards.range("2026-10-27", "2026-10-28", actor=await who(services, slug))
    except Forbidden as refused:
        return refused.code != "notice-first"
    return True


async def test_an_agent_reads_and_confirms_once(services: Services) -> None:
    amira = await who(services, AMIRA)
    assert (await services.informing.own(actor=amira)).edition is None
    edition = await publish(services)
    own = await services.informing.own(actor=amira)
    assert own.waits
    assert own.edition == edition
    await confirm(services, edition)
    first = (await services.informing.own(actor=amira)).word
    assert first is not None
    again = await services.informing.confirm(1, edition.text_hash, way=Way.TEAMS, actor=amira)
    assert again == first
    assert (await actions(services)).count("notice.confirmed") == 1
    entry = (await trail(services))[-1]
    assert (entry.actor, entry.target) == (AMIRA, "1")


async def test_a_supervisor_is_not_asked_for_what_is_for_agents(services: Services) -> None:
    await publish(services)
    for slug in (SOFIA, HANA):
        assert not (await services.informing.own(actor=await who(services, slug))).waits
    await require(services, Audience.EVERYONE, required=False)
    assert (await services.informing.own(actor=await who(services, SOFIA))).waits


async def test_a_new_text_asks_again_and_the_older_can_not_be_confirmed(
    services: Services,
) -> None:
    first = await publish(services)
    await confirm(services, first)
    second = await publish(services, Text("Your calls", "Every call is recorded."))
    amira = await who(services, AMIRA)
    assert (await services.informing.own(actor=amira)).waits
    with pytest.raises(Conflict) as refused:
        await confirm(services, first)
    assert refused.value.code == "superseded"
    await confirm(services, second)
    tenancy = await services.directory.get("harbour")
    page = await services.documents.query(tenancy.partition, KNOWN)
    assert len(page.documents) == 1


async def test_another_text_or_number_is_no_confirmation(services: Services) -> None:
    edition = await publish(services)
    with pytest.raises(InvalidInput):
        await confirm(services, edition._replace(texts={"en": Text("Other", "Other.")}))
    with pytest.raises(NotFound):
        await confirm(services, edition._replace(number=7))
    assert (await services.informing.own(actor=await who(services, AMIRA))).waits


async def test_fifty_confirmations_at_once_are_one(services: Services) -> None:
    edition = await publish(services)
    await asyncio.gather(*(confirm(services, edition) for _ in range(50)))
    assert (await actions(services)).count("notice.confirmed") == 1


async def test_only_representatives_publish_and_one_of_two_wins(services: Services) -> None:
    for slug in (AMIRA, SOFIA, HANA):
        with pytest.raises(Forbidden):
            await services.informing.publish(
                {"en": ENGLISH}, version=0, actor=await who(services, slug)
            )
    oliver = await who(services)
    both = await asyncio.gather(
        *(services.informing.publish({"en": ENGLISH}, version=0, actor=oliver) for _ in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in both) == ["Conflict", "Edition"]


@pytest.mark.parametrize(
    "texts",
    [
        {},
        {"fr": ENGLISH},
        {"en": Text("", "Text.")},
        {"en": Text("Title", "  ")},
        {"en": Text("Two\nlines", "Text.")},
        {"en": Text("Title", "x" * (LONGEST_TEXT + 1))},
        {"en": Text("Title", "x\n" * (MOST_LINES + 1))},
    ],
)
async def test_what_a_card_cannot_show_whole_is_refused(
    services: Services, texts: dict[str, Text]
) -> None:
    with pytest.raises(InvalidInput):
        await services.informing.publish(texts, version=0, actor=await who(services))


# --- coverage -----------------------------------------------------------------------------


async def test_coverage_counts_who_must_know_it(services: Services) -> None:
    oliver = await who(services)
    before = await services.informing.coverage(actor=oliver)
    assert (before.percent, before.missing) == (None, Missing.NOTHING_PUBLISHED)
    edition = await publish(services)
    assert (await services.informing.coverage(actor=oliver)).percent == 0
    await confirm(services, edition)
    after = await services.informing.coverage(actor=oliver)
    assert (after.confirmed, after.total, after.percent) == (1, 1, 100)
    await require(services, Audience.EVERYONE, required=False)
    everyone = await services.informing.coverage(actor=oliver)
    assert everyone.confirmed == 1
    assert everyone.total >= 6
    assert everyone.people is not None
    assert everyone.people[-1].name == "Amira Khan"


async def test_coverage_is_not_derivable_where_nobody_is_known(services: Services) -> None:
    await publish(services)
    management = services.management
    oliver = await who(services)
    _, listed = await management.grants(actor=oliver, person=AMIRA)
    for one in listed:
        await management.revoke(one.grant.id, version=one.grant.version, actor=oliver)
    found = await services.informing.coverage(actor=oliver)
    assert (found.percent, found.missing) == (None, Missing.NOBODY_KNOWN)


async def test_names_are_for_who_sees_who_may_see_what(services: Services) -> None:
    await publish(services)
    hana = await services.informing.coverage(actor=await who(services, HANA))
    assert (hana.total, hana.people) == (1, None)
    for slug in (AMIRA, SOFIA):
        with pytest.raises(Forbidden):
            await services.informing.coverage(actor=await who(services, slug))


async def test_who_and_when_are_sealed(services: Services) -> None:
    edition = await publish(services)
    await confirm(services, edition)
    tenancy = await services.directory.get("harbour")
    for kind in (KNOWN, EDITION):
        page = await services.documents.query(tenancy.partition, kind)
        (document,) = page.documents
        stored = document.id + json.dumps(dict(document.body))
        for secret in (AMIRA, str(services.clock.now_ms()) if kind is KNOWN else "recorded"):
            assert secret not in stored


# --- before figures -----------------------------------------------------------------------


async def test_figures_wait_only_where_and_for_whom_it_is_wanted(services: Services) -> None:
    edition = await publish(services)
    assert await is_admitted(services, AMIRA)
    await require(services)
    assert not await is_admitted(services, AMIRA)
    assert await is_admitted(services, SOFIA)
    await confirm(services, edition)
    assert await is_admitted(services, AMIRA)
    await publish(services, Text("Your calls", "Another text."))
    assert not await is_admitted(services, AMIRA)
    await require(services, required=False)
    assert await is_admitted(services, AMIRA)


async def test_every_question_about_figures_waits(services: Services) -> None:
    amira = await who(services, AMIRA)
    span, _ = await services.dashboards.range("2026-10-27", "2026-10-28", actor=amira)
    await publish(services)
    await require(services)
    dashboards = services.dashboards
    for ask in (
        lambda: dashboards.tag("q", span, actor=amira),
        lambda: dashboards.moment(actor=amira),
        lambda: dashboards.revision(actor=amira),
        lambda: dashboards.freshness(actor=amira),
        lambda: dashboards.queue_choices(actor=amira),
    ):
        with pytest.raises(Forbidden) as refused:
            await ask()
        assert refused.value.code == "notice-first"


async def test_who_acts_for_the_system_is_never_asked(services: Services) -> None:
    await publish(services)
    await require(services, Audience.EVERYONE)
    assert not await is_admitted(services, "oliver.bright")
    system = acting_as(Role.OPERATOR, "system", "Switchroom", "harbour")
    await services.dashboards.range("2026-10-27", "2026-10-28", actor=system)


async def test_another_process_notices_within_seconds(
    services: Services, clock: StandingClock
) -> None:
    assert await is_admitted(services, AMIRA)
    other = replace(services)
    known = dict(other.informing._terms)
    await publish(services)
    await require(services)
    services.informing._terms.update(known)
    assert await is_admitted(services, AMIRA)
    clock.pass_time(seconds=FRESH_MS / 1000)
    assert not await is_admitted(services, AMIRA)


async def test_one_organisation_knows_nothing_of_anothers_notice(services: Services) -> None:
    await publish(services)
    await require(services)
    noah = await centre.actor(services, "noah.reyes")
    assert (await services.informing.own(actor=noah)).edition is None
    await services.dashboards.range("2026-10-27", "2026-10-28", actor=noah)
