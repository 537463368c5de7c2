"""The organisations of this region: who they are, where their data lies, which keys seal it."""

import base64
from typing import NamedTuple

from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.ports import ORGANIZATION
from portal.domain.shared.documents import Create, Document, Documents
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound
from portal.domain.shared.sealing import Keyring, Keyrings

SYSTEM = "system"


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
        its data must not come to lie here."""
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
        try:
            await self._documents.batch(
                self._directory, [Create(ORGANIZATION, organization.code, body)]
            )
        except Conflict:
            return await self.get(organization.code)  # another process was first
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
                return tuple(found)

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
