"""The services of one process, put together from its settings; adapters are chosen here only."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

from portal.adapters.identity import local
from portal.domain.access.ports import LocalSignIn
from portal.domain.access.service import Access
from portal.domain.organizations.model import Organization, Region
from portal.settings import Settings


class SystemClock:
    """The machine's time."""

    def now_ms(self) -> int:
        """Milliseconds since 1970-01-01T00:00Z."""
        return time.time_ns() // 1_000_000


@dataclass(frozen=True)
class Services:
    """Everything the front ends may call. `local_sign_in` exists in development only."""

    access: Access
    organizations: Mapping[str, Organization]
    local_sign_in: LocalSignIn | None

    async def is_ready(self) -> bool:
        """Whether the store answers and the work of starting is done."""
        return True

    async def close(self) -> None:
        """Finishes what was accepted, then closes the stores."""


async def build(settings: Settings) -> Services:
    """The services for these settings."""
    directory = local.LocalPeople(local.people({}) if settings.is_development else ())
    sign_in = local.LocalSignIn(directory, SystemClock()) if settings.is_development else None
    known = local.organizations(Region(settings.region)) if settings.is_development else ()
    return Services(
        access=Access(sign_in, directory),
        organizations={one.code: one for one in known},
        local_sign_in=sign_in,
    )
