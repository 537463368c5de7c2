"""Messages in people's own chats: one card, in their language; by mail where no chat leads."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.opening import opened
from bot.writing import PLACES
from portal.adapters.messaging.console import Mailbox, ShownCarrier
from portal.domain.access.management import Management
from portal.domain.alerts.conversations import Preference
from portal.domain.alerts.model import Conversation, Scope
from portal.domain.alerts.ports import Busy, OutcomeUnknown
from portal.domain.communications.model import SECRET, Topic, Way
from portal.domain.communications.outbox import row
from portal.domain.communications.ports import Carrier, Parcel
from portal.domain.communications.sending import HOLD_MS, Sending, Told
from portal.domain.verification.proofs import Proofs
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.centre import Killed, Ledger
from tests.fakes.clock import StandingClock
from tests.fakes.setting_up import MAIL, OLIVER, verify, who

BY_MAIL_ALONE = {
    Topic.SUPPORT_REQUEST,
    Topic.PUMPING_SUSPECTED,
    Topic.STANDING_APPEALED,
    Topic.INCIDENT_NEWS,
}
TELLABLE = sorted(set(Topic) - SECRET - BY_MAIL_ALONE - {Topic.PEOPLE_INFORMED})
VALUES = {
    "minutes": "15",
    "what": "mail",
    "title": "Verification",
    "number": "2",
    "effective": "2026-12-01",
    "summary": "Less is kept.",
    "summary_de": "Weniger wird behalten.",
    "due": "2027-01-01",
    "until": "2027-01-01",
    "code": "12345678",
    "path": "/verify#token",
}


class Post:
    """Mail that was carried."""

    def __init__(self) -> None:
        self.taken: list[Parcel] = []

    async def carry(self, parcel: Parcel) -> None:
        self.taken.append(parcel)


class Members:
    """Addresses of people."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    async def mail(self, organization: str, person_id: str) -> str:
        return self.known.get(person_id, "")


class Bench:
    """The sender with a Teams that writes down what reaches it."""

    def __init__(self, services: Services, folder: Path) -> None:
        self.services = services
        self.teams, self.post, self.members = Ledger(), Post(), Members()
        conversation = opened(services, centre.settings(folder))
        self.chats = services.chats(self.teams, conversation.writer)
        self.sender = self.sending(self.chats)

    def sending(self, teams: Carrier) -> Sending:
        carriers: Mapping[Way, Carrier] = {Way.TEAMS: teams, Way.MAIL: self.post}
        services = self.services
        return Sending(
            services.directory,
            services.documents,
            carriers,
            services.clock,
            "https://x.example",
            Proofs(services.documents, services.audit),
            self.members,
        )

    async def hello(self, slug: str = OLIVER) -> None:
        """The person has written to the bot."""
        reference = {"conversation": f"a:{slug}", "tenant": "t", "serviceUrl": "https://x"}
        chat = Conversation(f"chat-of-{slug}", Scope.PERSONAL, "t", reference)
        await self.services.conversations.remember(chat, actor=await who(self.services, slug))

    async def put(self, topic: Topic, cause: str = "c", person: str = OLIVER) -> None:
        tenancy = await self.services.directory.get("harbour")
        now_ms = self.services.clock.now_ms()
        write = row(
            tenancy, topic, Way.TEAMS, cause=cause, person=person, now_ms=now_ms, values=VALUES
        )
        await self.services.documents.batch(tenancy.partition, [write])

    @property
    def cards(self) -> list[str]:
        """The texts of what stands in Teams."""
        return ["\n".join(centre.texts(one["card"])) for one in self.teams.visible.values()]


@pytest.fixture
def bench(services: Services, tmp_path: Path) -> Bench:
    return Bench(services, tmp_path)


@pytest.mark.parametrize("topic", TELLABLE)
async def test_a_message_is_one_card_in_its_readers_own_chat(bench: Bench, topic: Topic) -> None:
    await bench.hello()
    await bench.put(topic)
    assert await bench.sender.send() == Told(sent=1)
    assert await bench.sender.send() == Told()
    ((card,), (message,)) = bench.cards, bench.teams.visible.values()
    assert message["to"] == f"a:{OLIVER}"
    assert "Share codes and links with nobody." in card
    assert "Harbour Lane Insurance" in card
    assert topic in PLACES
    assert len(message["card"]["actions"]) == 1


@pytest.mark.parametrize("topic", TELLABLE)
async def test_the_reader_chooses_the_language(
    bench: Bench, services: Services, topic: Topic
) -> None:
    await bench.hello()
    person = await services.people.find(OLIVER)
    assert person is not None
    await services.conversations.prefer(person, Preference(language="de"), version="")
    await bench.put(topic)
    assert await bench.sender.send() == Told(sent=1)
    assert "Geben Sie Codes und Links nicht weiter." in bench.cards[0]
    if topic is Topic.POLICY_PUBLISHED:
        assert "Weniger wird behalten." in bench.cards[0]


@pytest.mark.parametrize("topic", sorted(SECRET))
async def test_codes_and_links_are_never_written_into_a_chat(bench: Bench, topic: Topic) -> None:
    await bench.hello()
    await bench.put(topic)
    assert await bench.sender.send() == Told(dropped=1)
    assert bench.cards == []


async def test_who_has_no_chat_is_written_to_by_mail_once_for_each_cause(
    bench: Bench, services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await bench.sender.send()
    for person in (OLIVER, "amira.khan", "hana.novak"):
        await bench.put(Topic.POLICY_PUBLISHED, "v2", person)
    assert await bench.sender.send() == Told(dropped=3)
    assert await bench.sender.send() == Told(sent=1)
    assert await bench.sender.send() == Told()
    (parcel,) = bench.post.taken
    assert (parcel.to, parcel.topic) == (MAIL, "policy_published")


async def test_who_blocked_the_bot_is_written_to_by_mail_and_the_chat_forgotten(
    bench: Bench, services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await bench.hello()
    bench.teams.gone.add(f"a:{OLIVER}")
    await bench.put(Topic.LOCKED)
    assert await bench.sender.send() == Told(dropped=1)
    assert await bench.sender.send() == Told(sent=1)
    assert [one.topic for one in bench.post.taken] == ["locked"]
    assert await services.conversations.own(actor=await who(services)) is None


async def test_who_left_is_told_nothing_and_the_organisation_by_mail(
    bench: Bench, services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await bench.hello("sofia.lindqvist")
    management: Management = services.management
    _, listed = await management.grants(actor=await who(services))
    grant = next(one.grant for one in listed if one.grant.holder.id == "sofia.lindqvist")
    await management.revoke(grant.id, version=grant.version, actor=await who(services))
    await bench.put(Topic.CODE_VOIDED, person="sofia.lindqvist")
    assert await bench.sender.send() == Told(dropped=1)
    assert bench.cards == []
    assert await bench.sender.send() == Told(sent=1)


@pytest.mark.parametrize("topic", [Topic.LOCKED, Topic.PEOPLE_INFORMED])
async def test_who_has_an_address_of_their_own_is_written_to_there(
    bench: Bench, services: Services, clock: StandingClock, topic: Topic
) -> None:
    await verify(services, clock)
    bench.members.known = {"amira.khan": "amira@harbour.example"}
    await bench.put(topic, person="amira.khan")
    assert await bench.sender.send() == Told(dropped=1)
    assert await bench.sender.send() == Told(sent=1)
    assert await bench.sender.send() == Told()
    assert [one.to for one in bench.post.taken] == ["amira@harbour.example"]


async def test_what_is_for_a_person_alone_never_goes_to_the_organisation(
    bench: Bench, services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await bench.put(Topic.PEOPLE_INFORMED, person="amira.khan")
    assert await bench.sender.send() == Told(put_off=1)
    assert bench.post.taken == []


async def test_an_optional_message_is_not_sent_by_mail_instead(
    bench: Bench, services: Services, clock: StandingClock
) -> None:
    await verify(services, clock)
    await bench.put(Topic.ATTESTATION_DUE)
    assert await bench.sender.send() == Told(put_off=1)
    assert bench.post.taken == []


async def test_without_an_address_the_message_waits_for_a_chat(
    bench: Bench, clock: StandingClock
) -> None:
    await bench.put(Topic.LOCKED)
    assert await bench.sender.send() == Told(put_off=1)
    await bench.hello()
    clock.pass_time(seconds=16 * 60)
    assert await bench.sender.send() == Told(sent=1)


async def test_a_busy_channel_is_tried_again_and_an_unknown_outcome_is_not(
    bench: Bench, clock: StandingClock
) -> None:
    await bench.hello()
    await bench.put(Topic.LOCKED)
    bench.teams.trouble = [Busy(30)]
    bench.teams.after = [OutcomeUnknown()]
    assert await bench.sender.send() == Told(put_off=1)
    clock.pass_time(seconds=31)
    assert await bench.sender.send() == Told(sent=1)
    assert len(bench.cards) == 1


async def test_a_killed_process_and_another_worker_leave_the_claim_to_one(
    bench: Bench, clock: StandingClock
) -> None:
    await bench.hello()
    await bench.put(Topic.LOCKED)
    bench.teams.trouble = [Killed()]
    with pytest.raises(Killed):
        await bench.sender.send()
    other = bench.sending(bench.chats)
    assert await other.send() == Told()
    clock.pass_time(seconds=HOLD_MS / 1000)
    assert await other.send() == Told(sent=1)
    assert len(bench.cards) == 1


async def test_development_shows_it_on_the_local_page_too(bench: Bench) -> None:
    mailbox = Mailbox(bench.services.clock)
    sender = bench.sending(ShownCarrier(mailbox, Way.TEAMS, bench.chats))
    await bench.put(Topic.LOCKED)
    assert await sender.send() == Told(sent=1)
    assert [one.parcel.topic for one in mailbox.messages()] == ["locked"]
    await bench.hello()
    await bench.put(Topic.LOCKED, "again")
    assert await sender.send() == Told(sent=1)
    assert (len(bench.cards), len(mailbox.messages())) == (1, 2)
