"""What a turn works with: the services, and who asks from where in which words."""

import hashlib
from typing import NamedTuple

from bot.channel.turn import Incoming, PlaceKind, Teams
from bot.links import Links
from bot.messages import Words
from bot.references import ANYWHERE, Reference, References, Signer
from portal.domain.access.breaking import Breaking
from portal.domain.access.management import Management
from portal.domain.access.model import Actor, Person
from portal.domain.access.ports import Newcomers, People
from portal.domain.access.refusals import Refusals
from portal.domain.access.rules import only_reports
from portal.domain.alerts import rules
from portal.domain.alerts.activities import Activities
from portal.domain.alerts.conversations import Conversations, Preference
from portal.domain.alerts.model import Conversation, Place, Scope
from portal.domain.alerts.notices import Notices
from portal.domain.alerts.places import Places
from portal.domain.alerts.service import Alerts
from portal.domain.dashboards.model import Definition
from portal.domain.dashboards.service import Dashboards
from portal.domain.incidents.copies import Copies
from portal.domain.incidents.drafts import Drafts
from portal.domain.incidents.evidence import Evidence
from portal.domain.incidents.handling import Handling
from portal.domain.incidents.service import Incidents
from portal.domain.informing.service import Informing
from portal.domain.organizations.model import Organization
from portal.domain.organizations.service import Organizations
from portal.domain.policies.service import Policies
from portal.domain.setup.service import Setup
from portal.domain.shared.clock import Clock
from portal.domain.verification.service import Verification
from portal.domain.views.service import Views


class Desk(NamedTuple):
    """The services that commands and buttons call."""

    people: People
    newcomers: Newcomers
    organizations: Organizations
    dashboards: Dashboards
    views: Views
    management: Management
    break_glass: Breaking
    alerts: Alerts
    notices: Notices
    conversations: Conversations
    places: Places
    activities: Activities
    incidents: Incidents
    handling: Handling
    copies: Copies
    evidence: Evidence
    drafts: Drafts
    references: References
    links: Links
    refusals: Refusals
    verification: Verification
    policies: Policies
    setup: Setup
    informing: Informing
    clock: Clock
    teams: Teams | None = None


class Asker(NamedTuple):
    """Who asks: the person, what they are in the organisation they ask about, where and in which
    words they want the answer. `conversation` is our id of the chat that the answer's buttons are
    for; `place` and `place_version` whose the place is where others read along; `readers` are the
    Teams ids for which cards refresh by themselves there."""

    person: Person
    actor: Actor
    organization: Organization
    preference: Preference
    words: Words
    incoming: Incoming
    conversation: str
    signer: Signer
    place: Place | None = None
    place_version: str = ""
    readers: tuple[str, ...] = ()

    @property
    def is_apart(self) -> bool:
        """Whether they ask where the figures of an organisation are told that is not theirs."""
        return self.place is not None and self.place.organization not in self.person.holdings

    @property
    def is_alone(self) -> bool:
        """Whether nobody reads along."""
        return self.incoming.place.kind is PlaceKind.PERSONAL

    @property
    def is_private(self) -> bool:
        """Whether the answer reaches them alone, wherever they ask."""
        return self.is_alone or self.is_apart

    @property
    def only_reports(self) -> bool:
        """Whether reporting incidents is all that they may here."""
        return only_reports(self.actor.holdings)

    @property
    def is_passing(self) -> bool:
        """Whether they ask where others read along, and nothing is theirs to settle there."""
        return self.only_reports and not self.is_alone

    def is_for_here(self, reference: Reference) -> bool:
        """Whether the card was drawn for the chat it was used in."""
        if self.is_alone and reference.conversation == chat_with(self.person.person_id):
            return True
        return reference.conversation in {ANYWHERE, self.conversation}

    @property
    def definition(self) -> Definition:
        """The service level they chose; where others read along, the same for all."""
        chosen = self.preference.definition
        known = chosen in set(Definition) and self.is_private
        return Definition(chosen) if known else Definition.STRICT


def chat_with(person_id: str) -> str:
    """What names the one chat that a person has with the bot, before they have written there and
    its id is known."""
    return "with-" + hashlib.sha256(person_id.encode()).hexdigest()[:32]


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
