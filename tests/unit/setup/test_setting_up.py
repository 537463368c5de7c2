"""Names, tenant codes, the wizard's steps."""

import asyncio
from dataclasses import replace

import pytest

from portal.domain.access.model import Role
from portal.domain.access.rules import acting_as
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.names import skeleton
from portal.domain.setup.service import Step, Waits
from portal.domain.setup.tenant_codes import (
    GRACE_MS,
    LETTERS,
    is_well_formed,
    masked,
    plain,
    spelled,
)
from portal.domain.shared.errors import (
    Conflict,
    DomainError,
    Forbidden,
    InvalidInput,
    NotFound,
    StepUpRequired,
)
from portal.wiring import Services
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import actions, link, verify, who

ALIKE = (
    "Bay View",
    "bay  view",
    " BAYVIEW",
    "Вау Viеw",
    "Ｂａｙ　Ｖｉｅｗ",
    "Báy Víew",
    "Bay\u200bView",
    "Bay Vιew",
    "bay v1ew",
    "Bay Vlew",
)

PRINTABLE = tuple(one.strip() for one in ALIKE if one.isprintable())


@pytest.mark.parametrize("name", ALIKE)
def test_names_that_look_alike_are_one(name: str) -> None:
    assert skeleton(name) == skeleton("Bay View")


@pytest.mark.parametrize("name", ["Bay Views", "Pay View", "Bay", "灣景", "Bay View 2"])
def test_names_that_do_not_look_alike_are_several(name: str) -> None:
    assert skeleton(name) != skeleton("Bay View")


async def test_fifty_creations_of_one_name_at_once_give_one(services: Services) -> None:
    async def create(n: int) -> str:
        name = PRINTABLE[n % len(PRINTABLE)]
        try:
            await services.directory.ensure(
                Organization(f"bay-{n}", name, Region.EU, "Europe/Berlin", "DE")
            )
        except Conflict as refused:
            return refused.code
        return ""

    told = await asyncio.gather(*(create(n) for n in range(50)))
    assert sorted(told) == ["", *["name-taken"] * 49]


async def test_whether_a_name_is_free_is_told_only_after_the_mail_proof(
    services: Services,
) -> None:
    setup = services.setting_up.setup
    taken = "Juniper Street  Energy"
    await setup.save(name=taken, time_zone="", version=0, actor=await who(services))
    progress = await setup.progress(actor=await who(services))
    assert progress.draft.wanted_name == taken
    assert progress.organization.name == "Harbour Lane Insurance"
    assert progress.steps[Step.NAME] is Waits.MAIL_FIRST
    token = await link(services)
    await services.setting_up.verification.answering.confirm_mail(token, actor=await who(services))
    with pytest.raises(Conflict) as refused:
        await setup.save(name=taken, time_zone="", version=1, actor=await who(services))
    assert refused.value.code == "name-taken"
    await setup.save(name="Harbour Lane", time_zone="", version=1, actor=await who(services))
    progress = await setup.progress(actor=await who(services))
    assert progress.organization.name == "Harbour Lane"
    assert progress.steps[Step.NAME] is None
    assert (await services.directory.all())[0].name == "Harbour Lane"
    assert "organization.renamed" in await actions(services)


async def test_the_former_name_is_free_again(services: Services, clock: StandingClock) -> None:
    await services.directory.change("harbour", name="Harbour Lane")
    changed = await services.directory.change("juniper", name="Harbour Lane Insurance")
    assert changed.organization.name == "Harbour Lane Insurance"


async def test_a_step_is_kept_at_once_and_gone_on_with_elsewhere(services: Services) -> None:
    setup, oliver = services.setting_up.setup, await who(services)
    await setup.save(name="", time_zone="Europe/Paris", version=0, actor=oliver)
    progress = await setup.progress(actor=oliver)
    assert progress.organization.time_zone == "Europe/Paris"
    assert progress.steps[Step.TIME_ZONE] is None
    assert progress.next_step is Step.MAIL
    with pytest.raises(Conflict):
        await setup.save(name="", time_zone="Europe/Rome", version=0, actor=oliver)
    with pytest.raises(InvalidInput):
        await setup.save(name="", time_zone="Mars/Olympus", version=1, actor=oliver)


async def test_whoever_may_only_look_is_told_that_an_administrator_must_act(
    services: Services,
) -> None:
    progress = await services.setting_up.setup.progress(actor=await who(services, "hana.novak"))
    assert set(progress.steps.values()) == {Waits.ADMINISTRATOR}
    assert not progress.may_change
    with pytest.raises(Forbidden):
        await services.setting_up.setup.save(
            name="x", time_zone="", version=0, actor=await who(services, "hana.novak")
        )


async def test_when_everything_is_done_nothing_is_next(
    services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    setup, oliver = services.setting_up.setup, await who(services)
    await setup.save(
        name="Harbour Lane Insurance", time_zone="Europe/London", version=0, actor=oliver
    )
    progress = await setup.progress(actor=oliver)
    assert progress.next_step is Step.CALL_HANDLING


# --- tenant codes -------------------------------------------------------------------------


def test_every_single_mistyped_letter_is_found() -> None:
    code = plain(spelled(0x1234567890ABCDEF1234567890ABCDEF))
    assert is_well_formed(code)
    for place, letter in enumerate(code):
        for other in LETTERS:
            if other != letter:
                assert not is_well_formed(code[:place] + other + code[place + 1 :])


async def test_the_code_is_masked_until_somebody_proves_who_they_are(services: Services) -> None:
    codes, oliver = services.setting_up.tenant_codes, await who(services)
    shown = await codes.get(actor=oliver)
    assert shown.code.startswith("••••-")
    with pytest.raises(StepUpRequired):
        await codes.reveal(actor=replace(oliver, proved_at_s=None))
    with pytest.raises(Forbidden):
        await codes.reveal(actor=await who(services, "hana.novak"))
    whole = await codes.reveal(actor=oliver)
    assert is_well_formed(whole.code)
    assert masked(whole.code) == shown.code
    assert (await actions(services)).count("tenant_code.revealed") == 1


async def test_a_rotated_code_is_recognised_for_thirty_days(
    services: Services, clock: StandingClock
) -> None:
    codes, oliver = services.setting_up.tenant_codes, await who(services)
    former = (await codes.reveal(actor=oliver)).code
    newer = (await codes.rotate(actor=oliver)).code
    assert newer != former
    luca = await who(services, "luca.moretti")
    assert await codes.holder_of(former.lower(), actor=luca) == "harbour"
    clock.pass_time(seconds=GRACE_MS / 1000)
    with pytest.raises(NotFound):
        await codes.holder_of(former, actor=luca)
    assert await codes.holder_of(newer, actor=luca) == "harbour"
    with pytest.raises(InvalidInput):
        await codes.holder_of(newer[:-1] + ("2" if newer[-1] != "2" else "3"), actor=luca)


async def test_a_code_made_at_once_by_many_is_one(services: Services) -> None:
    codes, oliver = services.setting_up.tenant_codes, await who(services)
    told = await asyncio.gather(*(codes.reveal(actor=oliver) for _ in range(20)))
    assert len({one.code for one in told}) == 1


async def test_a_tenant_code_opens_nothing(services: Services) -> None:
    """It names an organisation to the operator, who needs no code; nobody else may ask."""
    codes = services.setting_up.tenant_codes
    code = (await codes.reveal(actor=await who(services))).code
    for actor in (
        await who(services),
        acting_as(Role.AGENT, "a", "A", "juniper"),
        await who(services, "dana.whitfield", "juniper"),
    ):
        with pytest.raises(DomainError):
            await codes.holder_of(code, actor=actor)
