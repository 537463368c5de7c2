"""People of harbour who have just proved who they are, and grants in few words."""

from dataclasses import replace
from typing import Any

from portal.domain.access.grants import Terms, Words
from portal.domain.access.looking import Newcomer
from portal.domain.access.model import Actor, Role, Scope
from portal.domain.audit.model import Entry
from portal.wiring import Services
from tests.fakes import centre

ACR, MP = Role.AUTHORIZED_CUSTOMER_REPRESENTATIVE, Role.MANAGING_PARTNER
OLIVER, RUTH, SOFIA, AMIRA = "oliver.bright", "ruth.engel", "sofia.lindqvist", "amira.khan"
WHY = Words("Because of the test")


async def who(services: Services, slug: str, organization: str = "harbour") -> Actor:
    """The person as of now, their second factor fresh."""
    actor = await centre.actor(services, slug, organization)
    return replace(actor, proved_at_s=services.clock.now_ms() / 1000)


def terms(role: str, *, until_ms: int | None = None, **scope: Any) -> Terms:
    """A role within a scope."""
    return Terms(role, Scope(**{name: frozenset(ids) for name, ids in scope.items()}), until_ms)


async def give(
    services: Services, slug: str, given: Terms, *, by: str = OLIVER, known: str = ""
) -> str:
    """A grant; its id."""
    actor = await who(services, by)
    return await services.management.grant(
        Newcomer(slug, name=known or slug), given, WHY, actor=actor
    )


async def version(services: Services, id: str) -> int:
    """The grant's version."""
    _, listed = await services.management.grants(actor=await who(services, OLIVER))
    return next(one.grant.version for one in listed if one.grant.id == id)


async def trail(services: Services, organization: str = "harbour") -> list[Entry]:
    """The audit entries of the organisation."""
    tenancy = await services.directory.get(organization)
    return [entry async for entry in services.audit.entries(tenancy.partition)]
