"""Setting an organisation up in few words: what was sent is read from development's mailbox."""

from dataclasses import replace

from portal.domain.access.model import Actor
from portal.domain.audit.model import Entry
from portal.domain.communications.model import Topic
from portal.domain.verification.model import Standing
from portal.wiring import Services
from tests.fakes import centre
from tests.fakes.clock import StandingClock

OLIVER, RUTH = "oliver.bright", "ruth.engel"
MAIL, OTHER_MAIL = "desk@harbour.example", "front@harbour.example"
PHONE, OTHER_PHONE = "+61491570006", "+61491570156"


async def who(services: Services, slug: str = OLIVER, organization: str = "harbour") -> Actor:
    """The person as of now, their second factor fresh."""
    actor = await centre.actor(services, slug, organization)
    return replace(actor, proved_at_s=services.clock.now_ms() / 1000)


async def deliver(services: Services) -> None:
    """Hands over what waits."""
    told = await services.setting_up.messages(None).send()
    assert told.failures == ()


async def newest(services: Services, topic: Topic) -> tuple[str, str]:
    """Code and link of the newest message about that, "" for none."""
    await deliver(services)
    mailbox = services.setting_up.mailbox
    assert mailbox is not None
    parcel = next(one.parcel for one in mailbox.messages() if one.parcel.topic == topic)
    return parcel.code, parcel.words.link


async def link(services: Services, mail: str = MAIL, actor: Actor | None = None) -> str:
    """The token of a link that was just sent."""
    asking = services.setting_up.verification.asking
    await asking.send_link(mail, actor=actor or await who(services))
    _, url = await newest(services, Topic.MAIL_LINK)
    return url.rpartition("#")[2]


async def code(
    services: Services, phone: str = PHONE, actor: Actor | None = None
) -> tuple[str, str]:
    """Challenge and code of an SMS that was just sent."""
    asking = services.setting_up.verification.asking
    challenge = await asking.send_code(phone, actor=actor or await who(services))
    text, _ = await newest(services, Topic.PHONE_CODE)
    return challenge, text


async def verify(services: Services, clock: StandingClock) -> None:
    """Proves both."""
    answering = services.setting_up.verification.answering
    token = await link(services)
    assert await answering.confirm_mail(token, actor=await who(services)) is Standing.MAIL_PROVEN
    challenge, text = await code(services)
    standing = await answering.confirm_phone(challenge, text, actor=await who(services))
    assert standing is Standing.VERIFIED
    clock.pass_time(seconds=3700)


async def trail(services: Services, organization: str = "harbour") -> list[Entry]:
    """The audit entries of the organisation."""
    tenancy = await services.directory.get(organization)
    return [entry async for entry in services.audit.entries(tenancy.partition)]


async def actions(services: Services) -> list[str]:
    """What the entries say was done."""
    return [entry.action for entry in await trail(services)]


async def accepted(services: Services, actor: Actor) -> None:
    """Accepts every policy in force that waits for them."""
    policies = services.setting_up.policies
    for one in await policies.own(actor=actor):
        if not one.accepted:
            version = one.policy.current(one.now_ms)
            await policies.accept(one.policy.id, version.number, version.text_hash, actor=actor)
