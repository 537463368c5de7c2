"""Changing the keys that organisations' keys are wrapped by: the operator's alone."""

from collections.abc import Mapping
from typing import Protocol

from portal.domain.access.model import Actor, Permission
from portal.domain.access.rules import require
from portal.domain.organizations.service import Organizations


class ServiceKey(Protocol):
    """A wrapped key of the service itself, beside those of the organisations."""

    async def rotate(self) -> None:
        """Wraps it by a fresh outer key."""
        ...

    async def wrapped(self) -> Mapping[str, bytes]:
        """It as it is stored, by its name."""
        ...


class KeyRotation:
    """The use cases around `Organizations.rotate_key` and `retire_keys`."""

    def __init__(self, organizations: Organizations, service_key: ServiceKey) -> None:
        self._organizations = organizations
        self._service_key = service_key

    async def rotate(self, code: str, *, actor: Actor) -> None:
        """Wraps the organisation's key by a fresh outer one; the one before stays until retired.

        Forbidden, NotFound; Conflict when somebody else does the same at this moment.
        """
        require(actor, Permission.KEYS_ROTATE)
        await self._organizations.rotate_key(code, by=actor.person_id)

    async def rotate_service_key(self, *, actor: Actor) -> None:
        """The same for the key that sign-ins are sealed with. Forbidden, Conflict."""
        require(actor, Permission.KEYS_ROTATE)
        await self._service_key.rotate()

    async def retire(self, *, actor: Actor) -> int:
        """Drops the outer keys that nothing stored needs any more; how many. Forbidden."""
        require(actor, Permission.KEYS_ROTATE)
        also = await self._service_key.wrapped()
        return await self._organizations.retire_keys(by=actor.person_id, also=also)
