"""An organisation that stands somehow, in few words."""

from dataclasses import replace

from portal.domain.access.model import Actor
from portal.domain.organizations.standing import State
from portal.domain.standing.model import Reason, Seen, Standing, Wanted
from portal.wiring import Services
from tests.fakes import centre

OPERATOR, REPRESENTATIVE, MEMBER = "luca.moretti", "oliver.bright", "sofia.lindqvist"
WHY = "Because of the test"


async def who(services: Services, slug: str = OPERATOR) -> Actor:
    """The person as of now, their second factor fresh."""
    actor = await centre.actor(services, slug, "harbour")
    return replace(actor, proved_at_s=services.clock.now_ms() / 1000)


async def seen(services: Services) -> Seen:
    """Everything about harbour's standing."""
    return await services.setting_up.standings.seen(actor=await who(services))


async def stand(
    services: Services, state: State, reason: Reason | None = None, text: str = WHY
) -> Standing:
    """Harbour stands so now, by its operator."""
    given = reason or (Reason.PUT_RIGHT if state is State.ACTIVE else Reason.MISUSE)
    version = (await seen(services)).standing.version
    wanted = Wanted(state, given, text)
    standings = services.setting_up.standings
    return await standings.set(wanted, version=version, actor=await who(services))


async def appeal(services: Services, text: str = "It was not us") -> Standing:
    """Harbour's representative appeals."""
    version = (await seen(services)).standing.version
    actor = await who(services, REPRESENTATIVE)
    return await services.setting_up.standings.appeal(text, version=version, actor=actor)
