"""What a turn works with: the services, and who asks from where in which words."""

from typing import NamedTuple

from bot.channel.turn import Incoming, PlaceKind
from bot.links import Links
from bot.messages import Words
from bot.references import References, Signer
from portal.domain.access.model import Actor, Person
from portal.domain.access.ports import People
from portal.domain.access.refusals import Refusals
from portal.domain.alerts import rules
from portal.domain.alerts.activities import Activities
from portal.domain.alerts.conversations import Conversations, Place, Preference
from portal.domain.alerts.model import Conversation, Scope
from portal.domain.alerts.notices import Notices
from portal.domain.alerts.service import Alerts
from portal.domain.dashboards.model import Definition
from portal.domain.dashboards.service import Dashboards
from portal.domain.organizations.model import Organization
from portal.domain.organizations.service import Organizations
from portal.domain.shared.clock import Clock


class Desk(NamedTuple):
    """The services that commands and buttons call."""

    people: People
    organizations: Organizations
    dashboards: Dashboards
    alerts: Alerts
    notices: Notices
    conversations: Conversations
    activities: Activities
    references: References
    links: Links
    refusals: Refusals
    clock: Clock


class Asker(NamedTuple):
    """Who asks: the person, what they are in the organisation they ask about, where and in which
    words they want the answer. `conversation` is our id of the place, `place` whose it is where
    others read along."""

    person: Person
    actor: Actor
    organization: Organization
    preference: Preference
    words: Words
    incoming: Incoming
    conversation: str
    signer: Signer
    place: Place | None = None

    @property
    def is_apart(self) -> bool:
        """Whether they ask where the figures of an organisation are told that is not theirs."""
        return self.place is not None and self.place.organization not in self.person.holdings

    @property
    def is_alone(self) -> bool:
        """Whether nobody reads along."""
        return self.incoming.place.kind is PlaceKind.PERSONAL

    @property
    def reader(self) -> tuple[str, ...]:
        """The Teams id for which cards refresh by themselves."""
        id = self.incoming.sender.channel_id
        return (id,) if id else ()

    @property
    def definition(self) -> Definition:
        """The service level they chose; where others read along, the same for all."""
        chosen = self.preference.definition
        known = chosen in set(Definition) and self.is_alone
        return Definition(chosen) if known else Definition.STRICT


def place(incoming: Incoming) -> Conversation:
    """Where it came from, to be written to later; a thread of a channel is its channel."""
    id = incoming.place.conversation_id
    reference = dict(incoming.reference)
    if isinstance(reference.get("conversation"), str):
        reference["conversation"] = reference["conversation"].split(";", 1)[0]
    return Conversation(
        rules.conversation_id(id),
        Scope(incoming.place.kind.value),
        incoming.place.tenant_id,
        reference,
    )
