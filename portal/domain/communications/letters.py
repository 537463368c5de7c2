"""Mails about incidents: to people whom no chat reaches, saying that there is something to read and
none of it; to systems that hear of incidents by mail."""

from contextlib import suppress

from portal.domain.access.directory import Directory
from portal.domain.communications.model import Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.communications.ports import Busy, Carrier, Parcel, Refused
from portal.domain.communications.texts import Written
from portal.domain.incidents.ports import Letter, Unreached
from portal.domain.organizations.service import Organizations
from portal.domain.shared.clock import Clock
from portal.domain.shared.documents import Documents
from portal.domain.shared.errors import Conflict


class IncidentLetters:
    """Implements the Letters of incidents: a row of the outbox, there once for its key."""

    def __init__(
        self,
        organizations: Organizations,
        documents: Documents,
        directory: Directory,
        clock: Clock,
    ) -> None:
        self._organizations = organizations
        self._documents = documents
        self._directory = directory
        self._clock = clock

    async def send(self, letter: Letter) -> bool:
        """See the port."""
        address = await self._directory.mail(letter.organization, letter.person)
        if not address:
            return False
        tenancy = await self._organizations.get(letter.organization)
        language = letter.language.lower().partition("-")[0]
        write = row(
            tenancy,
            Topic.INCIDENT_NEWS,
            Way.MAIL,
            cause=letter.key,
            person=letter.person,
            now_ms=self._clock.now_ms(),
            to=address,
            values={"reference": letter.reference, "path": letter.path},
            language=language if language in {"de", "en"} else "",
        )
        # A process that ended behind the row and before its mark wrote it already.
        with suppress(Conflict):
            await self._documents.batch(tenancy.partition, [write])
        return True


class SystemMails:
    """Implements the Mailer of incidents: events for systems that read mail, handed to the carrier
    at once, since they wait in an outbox of their own."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def send(
        self, organization: str, address: str, subject: str, text: str, key: str
    ) -> None:
        """See the port."""
        words = Written(subject, text)
        parcel = Parcel(key, organization, "", address, Topic.INCIDENT_NEWS.value, words)
        try:
            await self._carrier.carry(parcel)
        except Busy as busy:
            raise Unreached("mail_busy", busy.retry_after) from None
        except Refused:
            raise Unreached("mail_refused") from None
