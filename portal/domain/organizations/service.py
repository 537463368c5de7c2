"""The organisations of this region: who they are, where their data lies, which keys seal it."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.names import name_id
from portal.domain.organizations.ports import NAME, ORGANIZATION
from portal.domain.shared.documents import Create, Delete, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound
from portal.domain.shared.sealing import Keyring, Keyrings

SYSTEM = "system"
TRIES = 20
NAME_TAKEN = "Another organisation has this name, or one that looks like it. Choose another."


class Tenancy(NamedTuple):
    """An organisation with its partition (region and code) and its opened keys."""

    organization: Organization
    partition: str
    keyring: Keyring


class Organizations:
    """Organisations in the region's directory. Opened keys are kept for the life of the process."""

    def __init__(
        self, documents: Documents, keyrings: Keyrings, audit: Audit, region: Region
    ) -> None:
        self._documents = documents
        self._keyrings = keyrings
        self._audit = audit
        self._region = region
        self._directory = f"{region}|"
        self._open: dict[str, Tenancy] = {}

    @property
    def directory(self) -> str:
        """The partition of what belongs to the region and to no single organisation."""
        return self._directory

    @property
    def region(self) -> Region:
        """The region whose organisations these are."""
        return self._region

    async def ensure(self, organization: Organization) -> Tenancy:
        """The organisation's tenancy, made when it is new. InvalidInput for one of another region:
        its data must not come to lie here, Conflict `name-taken` for the name of another one."""
        if organization.region is not self._region:
            wrong = f"this service keeps organisations of region {self._region} only"
            raise InvalidInput(f"It cannot be kept here: {wrong}.", fields={"region": wrong})
        try:
            return await self.get(organization.code)
        except NotFound:
            pass
        body = {
            "code": organization.code,
            "name": organization.name,
            "region": organization.region.value,
            "time_zone": organization.time_zone,
            "country": organization.country,
            "key": base64.b64encode(self._keyrings.new()).decode(),
        }
        writes: list[Write] = [
            Create(ORGANIZATION, organization.code, body),
            Create(NAME, name_id(organization.name), {"organization": organization.code}),
        ]
        try:
            await self._documents.batch(self._directory, writes)
        except Conflict:
            try:
                return await self.get(organization.code)  # another process was first
            except NotFound:
                raise Conflict(NAME_TAKEN, code="name-taken") from None
        tenancy = await self.get(organization.code)
        event = Event(Action.ORGANIZATION_CREATED, SYSTEM, organization.code)
        await self._audit.commit(tenancy.partition, [event])
        return tenancy

    async def get(self, code: str) -> Tenancy:
        """The organisation of that code. Raises NotFound."""
        known = self._open.get(code)
        if known is None:
            document = await self._documents.get(self._directory, ORGANIZATION, code or "-")
            if document is None:
                raise NotFound("There is no such organisation, or you do not belong to it.")
            known = self._open[code] = self._tenancy(document)
        return known

    async def change(self, code: str, *, name: str = "", time_zone: str = "") -> Tenancy:
        """Another name or time zone; what is empty stays. A name belongs to one organisation,
        look-alikes included. NotFound, InvalidInput, Conflict `name-taken`."""
        for _ in range(TRIES):
            document = await self._documents.get(self._directory, ORGANIZATION, code or "-")
            if document is None:
                raise NotFound("There is no such organisation, or you do not belong to it.")
            before = _organization(document)
            after = replace(
                before, name=name or before.name, time_zone=time_zone or before.time_zone
            )
            body = {**document.body, "name": after.name, "time_zone": after.time_zone}
            writes: list[Write] = [Replace(ORGANIZATION, code, body, document.etag)]
            writes += await self._moved_name(code, name_id(before.name), name_id(after.name))
            try:
                await self._documents.batch(self._directory, writes)
            except (Conflict, NotFound):
                continue  # changed meanwhile, or the name went: look again
            self._open.pop(code, None)
            return await self.get(code)
        raise Conflict("Too many changes at once; try again.")

    async def _moved_name(self, code: str, before: str, after: str) -> list[Write]:
        """The writes that give the organisation the one name and take the other from it. Conflict
        when it is somebody else's."""
        wanted = await self._documents.get(self._directory, NAME, after)
        if wanted is not None and wanted.body["organization"] != code:
            raise Conflict(NAME_TAKEN, code="name-taken")
        writes: list[Write] = []
        if wanted is None:
            writes.append(Create(NAME, after, {"organization": code}))
        held = None if before == after else await self._documents.get(self._directory, NAME, before)
        if held is not None and held.body["organization"] == code:
            writes.append(Delete(NAME, before, held.etag))
        return writes

    def known(self, code: str) -> Tenancy | None:
        """The organisation, if this process has looked it up before."""
        return self._open.get(code)

    async def all(self) -> tuple[Organization, ...]:
        """Every organisation, by code."""
        found: list[Organization] = []
        cursor = None
        while True:
            page = await self._documents.query(self._directory, ORGANIZATION, cursor=cursor)
            found.extend(_organization(document) for document in page.documents)
            cursor = page.next
            if cursor is None:
                self._refresh(found)
                return tuple(found)

    def _refresh(self, found: Sequence[Organization]) -> None:
        """Takes over names and time zones that another process changed."""
        for one in found:
            known = self._open.get(one.code)
            if known is not None and known.organization != one:
                self._open[one.code] = known._replace(organization=one)

    def _tenancy(self, document: Document) -> Tenancy:
        organization = _organization(document)
        keyring = self._keyrings.open(
            organization.code, base64.b64decode(str(document.body["key"]))
        )
        return Tenancy(organization, f"{self._region}|{organization.code}", keyring)


def _organization(document: Document) -> Organization:
    body = document.body
    return Organization(
        str(body["code"]),
        str(body["name"]),
        Region(str(body["region"])),
        str(body["time_zone"]),
        str(body["country"]),
    )
