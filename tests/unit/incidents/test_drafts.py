import asyncio
from pathlib import Path

import pytest

from portal.domain.alerts.activities import Replayed
from portal.domain.incidents.documents import DRAFT
from portal.domain.incidents.drafts import KEPT_MS
from portal.domain.incidents.model import Category, Draft, Impact, Report, Severity, Source
from portal.domain.shared.errors import InvalidInput
from portal.domain.shared.fields import faults
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock
from tests.unit.incidents.helpers import REPORTER, reported

BEGUN = Draft(
    Report("A strange mail", evidence="Of this morning"),
    category=Category.PHISHING,
    severity=Severity.HIGH,
    impact=Impact.SEVERAL,
    happened_at_ms=centre.NOW_MS,
    source=Source.CHAT,
)


async def test_a_draft_is_taken_up_by_who_began_it(services: Services) -> None:
    amira = await centre.actor(services, REPORTER)
    assert await services.drafts.get(actor=amira) is None
    kept = await services.drafts.keep(BEGUN, actor=amira)
    assert await services.drafts.get(actor=amira) == kept
    assert (kept.draft, kept.masked) == (BEGUN, 0)
    for other in ("sofia.lindqvist", "tomas.silva", "mei.tanaka"):
        assert await services.drafts.get(actor=await centre.actor(services, other)) is None
    ruth = [await centre.actor(services, "ruth.engel", code) for code in ("harbour", "juniper")]
    await services.drafts.keep(BEGUN, actor=ruth[0])
    assert await services.drafts.get(actor=ruth[1]) is None


async def test_a_draft_is_masked_before_it_is_kept(services: Services, tmp_path: Path) -> None:
    amira = await centre.actor(services, REPORTER)
    draft = Draft(Report("To jo@example.com, password: hunter22"))
    kept = await services.drafts.keep(draft, actor=amira)
    assert kept.draft.report.what == "To [email], password: [secret]"
    assert kept.masked == 2
    kept = await services.drafts.keep(draft, actor=amira, keep=["email"])
    assert kept.draft.report.what == "To jo@example.com, password: [secret]"
    for path in (one for one in (tmp_path / "data").rglob("*") if one.is_file()):
        assert b"jo@example" not in path.read_bytes()


async def test_the_last_word_counts_and_the_first_is_in_the_trail(services: Services) -> None:
    amira = await centre.actor(services, REPORTER)
    for count in range(5):
        await services.drafts.keep(Draft(Report(f"Version {count}")), actor=amira)
    both = [Draft(Report("One")), Draft(Report("Other"))]
    await asyncio.gather(*(services.drafts.keep(one, actor=amira) for one in both))
    kept = await services.drafts.get(actor=amira)
    assert kept is not None
    assert kept.draft in both
    tenancy = await services.directory.get("harbour")
    entries = [one async for one in services.audit.entries(tenancy.partition)]
    assert [one.action for one in entries].count("incident.draft_kept") == 1


async def test_a_draft_ends_with_the_report_that_was_made_of_it(services: Services) -> None:
    amira = await centre.actor(services, REPORTER)
    await services.drafts.keep(BEGUN, actor=amira)
    first = await reported(services)
    assert await services.drafts.get(actor=amira) is not None
    await reported(services, of_draft=True)
    assert await services.drafts.get(actor=amira) is None
    await reported(services, of_draft=True)
    await services.drafts.keep(BEGUN, actor=amira)
    await reported(services, joins=first.incident.id, of_draft=True)
    assert await services.drafts.get(actor=amira) is None


async def test_a_refused_report_keeps_the_draft(services: Services) -> None:
    amira = await centre.actor(services, REPORTER)
    await services.drafts.keep(BEGUN, actor=amira)
    with pytest.raises(InvalidInput):
        await reported(services, " ", of_draft=True)
    with pytest.raises(InvalidInput):
        await reported(services, files=["0" * 32], of_draft=True)
    assert await services.drafts.get(actor=amira) is not None
    with pytest.raises(InvalidInput):
        await services.drafts.keep(Draft(Report("x" * 4001)), actor=amira)


async def test_a_draft_goes_after_thirty_days_or_when_it_is_discarded(
    services: Services, clock: StandingClock
) -> None:
    amira = await centre.actor(services, REPORTER)
    await services.drafts.keep(BEGUN, actor=amira)
    await services.drafts.discard(actor=amira)
    await services.drafts.discard(actor=amira)
    assert await services.drafts.get(actor=amira) is None
    await services.drafts.keep(BEGUN, actor=amira)
    clock.pass_time(seconds=KEPT_MS / 1000 + 1)
    assert await services.drafts.get(actor=amira) is None


async def test_an_activity_keeps_once(services: Services) -> None:
    amira = await centre.actor(services, REPORTER)
    await services.drafts.keep(BEGUN, actor=amira, once="b" * 64)
    with pytest.raises(Replayed):
        await services.drafts.keep(Draft(Report("Late")), actor=amira, once="b" * 64)
    kept = await services.drafts.get(actor=amira)
    assert kept is not None
    assert kept.draft == BEGUN


def test_every_field_is_declared_with_its_erasure() -> None:
    assert faults(DRAFT) == []
