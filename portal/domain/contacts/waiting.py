"""Which uploads wait to be read, told by one question about the region.

Every worker asks every few seconds. Asking each organisation would cost the more the more of them
there are, and most have nothing; so an upload is noted in the region's directory before it is
accepted. A note says nothing that holds: what the organisation's own documents say counts, a note
too many is dropped, and from time to time every organisation is asked all the same.
"""

from contextlib import suppress

from portal.domain.contacts.imports import ENDED, IMPORT, Origin, State
from portal.domain.organizations.service import Organizations
from portal.domain.organizations.standing import Activity, Part, lets
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Create, Delete, Document, Documents
from portal.domain.shared.errors import Conflict, NotFound
from portal.domain.shared.fields import Category, Field, Kind

ASK_ALL_MS = 600_000
YOUNG_MS = 3_600_000
NOTE = Kind("waiting_import", (Field("organization", Category.IDENTIFIER),))
"""Under the id of its import."""
Upload = tuple[str, str]


def is_young(id: str, now_ms: int) -> bool:
    """Whether an import of that id was begun within the hour."""
    begun = id.partition("-")[0]
    return begun.isdecimal() and now_ms - int(begun) < YOUNG_MS


class Waiting:
    """The uploads of the region that are not read to their end."""

    def __init__(self, organizations: Organizations, documents: Documents, clock: Clock) -> None:
        self._organizations = organizations
        self._documents = documents
        self._clock = clock
        self._ask_all_at_ms = 0

    async def note(self, organization: str, id: str) -> None:
        """Before the import is accepted: workers will come across it. Raises as the store does."""
        body = {"organization": organization}
        await self._documents.batch(self._organizations.directory, [Create(NOTE, id, body)])

    async def look(self) -> tuple[Upload, ...]:
        """(organisation, import) of what waits, oldest first, of organisations for which files are
        read as they stand; drops the notes of what waits no more."""
        if self._clock.now_ms() >= self._ask_all_at_ms:
            await self._ask_all()
            self._ask_all_at_ms = self._clock.now_ms() + ASK_ALL_MS
        found: list[Upload] = []
        for note in await self._notes():
            upload = str(note.body["organization"]), note.id
            state = await self._state(*upload)
            if state is None and is_young(note.id, self._clock.now_ms()):
                continue  # about to be accepted
            if state is None or state in ENDED:
                with suppress(Conflict, NotFound):  # another worker was quicker
                    drop = Delete(NOTE, note.id, note.etag)
                    await self._documents.batch(self._organizations.directory, [drop])
            else:
                found.append(upload)
        going = {code: await self._reads(code) for code in {code for code, _ in found}}
        return tuple([upload for upload in found if going[upload[0]]])

    async def _reads(self, organization: str) -> bool:
        state = await self._organizations.standing(organization)
        return lets(state, Part.SERVICE, Activity.INTAKE)

    async def _notes(self) -> list[Document]:
        found: list[Document] = []
        cursor = None
        while True:
            page = await self._documents.query(self._organizations.directory, NOTE, cursor=cursor)
            found.extend(page.documents)
            cursor = page.next
            if cursor is None:
                return found

    async def _state(self, organization: str, id: str) -> State | None:
        """What the organisation's own document says; None when there is none."""
        partition = self._organizations.partition(organization)
        document = await self._documents.get(partition, IMPORT, id)
        return State(str(document.body["state"])) if document else None

    async def _ask_all(self) -> None:
        """Notes what waits without a note: what an earlier version accepted."""
        noted = {note.id for note in await self._notes()}
        for organization in await self._organizations.all():
            partition = self._organizations.partition(organization.code)
            for state in (State.QUEUED, State.RUNNING):
                where = {"state": state, "origin": Origin.UPLOAD}
                page = await self._documents.query(partition, IMPORT, where=where)
                for document in page.documents:
                    if document.id not in noted:
                        with suppress(Conflict):  # another worker was quicker
                            await self.note(organization.code, document.id)
