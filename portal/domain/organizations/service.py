"""The organisations of this region: who they are, where their data lies, which keys seal it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from portal.domain.audit.model import Action, Event
from portal.domain.audit.service import Audit
from portal.domain.organizations.model import Organization, Region
from portal.domain.organizations.names import name_id
from portal.domain.organizations.ports import NAME, ORGANIZATION
from portal.domain.organizations.standing import (
    ERASURE,
    STANDING,
    STANDING_ID,
    Activity,
    Part,
    State,
    lets,
)
from portal.domain.shared.documents import Create, Delete, Document, Documents, Replace, Write
from portal.domain.shared.errors import Conflict, InvalidInput, NotFound, Unavailable
from portal.domain.shared.flight import SingleFlight
from portal.domain.shared.sealing import Keyring, Keyrings

SYSTEM = "system"
TRIES = 20
ERASED = "The organisation of this code was erased; choose another."
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
        self._opening: SingleFlight[Tenancy] = SingleFlight()
        self._states: dict[str, State] = {}

    @property
    def directory(self) -> str:
        """The partition of what belongs to the region and to no single organisation."""
        return self._directory

    def partition(self, code: str) -> str:
        """The partition of an organisation's own, for looking into it without opening its key."""
        return f"{self._directory}{code}"

    @property
    def region(self) -> Region:
        """The region whose organisations these are."""
        return self._region

    async def ensure(self, organization: Organization) -> Tenancy:
        """The organisation's tenancy, made when it is new. InvalidInput for one of another region:
        its data must not come to lie here, Conflict `name-taken` for the name of another one,
        `erased` for a code whose organisation was, which is never used again."""
        if organization.region is not self._region:
            wrong = f"this service keeps organisations of region {self._region} only"
            raise InvalidInput(f"It cannot be kept here: {wrong}.", fields={"region": wrong})
        try:
            return await self.get(organization.code)
        except NotFound:
            pass
        if await self._documents.get(self._directory, ERASURE, organization.code) is not None:
            raise Conflict(ERASED, code="erased")
        body = {
            "code": organization.code,
            "name": organization.name,
            "region": organization.region.value,
            "time_zone": organization.time_zone,
            "country": organization.country,
            "key": base64.b64encode(await self._keyrings.new(organization.code)).decode(),
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
            document = await self._document(code)
            known = await self._opening.run(code, lambda: self._tenancy(document))
        return known

    async def change(self, code: str, *, name: str = "", time_zone: str = "") -> Tenancy:
        """Another name or time zone; what is empty stays. A name belongs to one organisation,
        look-alikes included. NotFound, InvalidInput, Conflict `name-taken`."""
        for _ in range(TRIES):
            document = await self._document(code)
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
            tenancy = (await self.get(code))._replace(organization=after)
            self._open[code] = tenancy
            return tenancy
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

    async def rotate_key(self, code: str, *, by: str) -> None:
        """Wraps the organisation's key by a fresh outer one. What is sealed stays as it is, and so
        does what other processes have opened; the outer key before stays until it is retired.

        `by` is who does it, for the trail; whether they may is asked above (access/keys.py).
        NotFound; Conflict when somebody else does the same at this moment.
        """
        document = await self._document(code)
        before = _wrapped(document)
        fresh = await self._keyrings.rotate(code, before)
        same = (await self._keyrings.open(code, before)).own_key
        if (await self._keyrings.open(code, fresh)).own_key != same:
            raise Unavailable(f"The key of {code} did not open as it was; nothing was changed.")
        body = dict(document.body) | {"key": base64.b64encode(fresh).decode()}
        event = Event(Action.KEY_ROTATED, by, code)
        write = Replace(ORGANIZATION, code, body, document.etag)
        await self._audit.commit(self._directory, [event], [write])

    async def retire_keys(self, *, by: str, also: Mapping[str, bytes] | None = None) -> int:
        """Drops the outer keys that neither an organisation here nor one of the wrapped keys in
        `also` (by name) needs any more; how many. From then on a
        copy of the data from before the rotation cannot be read. `by` as for `rotate_key`."""
        kept = {one.code: _wrapped(await self._document(one.code)) for one in await self.all()}
        event = Event(Action.KEYS_RETIRED, by, str(self._region), {"organizations": len(kept)})
        await self._audit.commit(self._directory, [event])  # the vault is in no batch: said first
        return await self._keyrings.retire(kept | dict(also or {}))

    async def state(self, code: str) -> State:
        """How the organisation stands, as stored at this moment. NotFound."""
        await self.get(code)
        return await self.standing(code)

    async def standing(self, code: str) -> State:
        """As `state`, of an organisation that exists, without opening its key."""
        known = await self._documents.get(self.partition(code), STANDING, STANDING_ID)
        self._states[code] = State(known.body["state"]) if known else State.ACTIVE
        return self._states[code]

    def last_state(self, code: str) -> State | None:
        """How it stood when this process last looked; None when it never did."""
        return self._states.get(code)

    async def serving(self, activity: Activity) -> tuple[Organization, ...]:
        """The organisations for which the service does that by itself as they stand, by code."""
        every = await self.all()
        return tuple([one for one in every if await self.serves(one.code, activity)])

    async def serves(self, code: str, activity: Activity) -> bool:
        """Whether the service does that by itself for the organisation, as it stands at this
        moment. Senders ask behind their outbox: one without a waiting message costs nothing. False
        for an organisation that is gone."""
        try:
            return lets(await self.state(code), Part.SERVICE, activity)
        except NotFound:
            return False

    def forget(self, code: str) -> None:
        """Drops the opened keys of an organisation that is gone."""
        self._open.pop(code, None)
        self._states.pop(code, None)

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
        """Takes over names and time zones that another process changed, and that it erased."""
        there = {one.code for one in found}
        for code in [code for code in self._open if code not in there]:
            self.forget(code)
        for one in found:
            known = self._open.get(one.code)
            if known is not None and known.organization != one:
                self._open[one.code] = known._replace(organization=one)

    async def _document(self, code: str) -> Document:
        document = await self._documents.get(self._directory, ORGANIZATION, code or "-")
        if document is None:
            raise NotFound("There is no such organisation, or you do not belong to it.")
        return document

    async def _tenancy(self, document: Document) -> Tenancy:
        organization = _organization(document)
        code = organization.code
        if code not in self._open:
            keyring = await self._keyrings.open(code, _wrapped(document))
            self._open[code] = Tenancy(organization, self.partition(code), keyring)
        return self._open[code]


def _wrapped(document: Document) -> bytes:
    return base64.b64decode(str(document.body["key"]))


def _organization(document: Document) -> Organization:
    body = document.body
    return Organization(
        str(body["code"]),
        str(body["name"]),
        Region(str(body["region"])),
        str(body["time_zone"]),
        str(body["country"]),
    )
