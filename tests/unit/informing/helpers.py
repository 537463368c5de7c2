"""A notice in few words."""

from portal.domain.informing.model import Audience, Edition, Text, Way
from portal.wiring import Services
from tests.fakes.setting_up import who

AMIRA, SOFIA, HANA = "amira.khan", "sofia.lindqvist", "hana.novak"
ENGLISH = Text("Your calls", "Calls are counted.\n\nSome are recorded.")
GERMAN = Text("Ihre Anrufe", "Anrufe werden gezählt.")


async def publish(
    services: Services, text: Text = ENGLISH, *, german: Text | None = GERMAN
) -> Edition:
    """Another edition, by the representative."""
    oliver = await who(services)
    terms, _ = await services.informing.published(actor=oliver)
    texts = {"en": text} | ({"de": german} if german else {})
    return await services.informing.publish(texts, version=terms.version, actor=oliver)


async def require(
    services: Services, audience: Audience = Audience.AGENTS, *, required: bool = True
) -> None:
    """Figures wait for it, or not."""
    oliver = await who(services)
    terms, _ = await services.informing.published(actor=oliver)
    await services.informing.set_terms(
        audience, required=required, version=terms.version, actor=oliver
    )


async def confirm(services: Services, edition: Edition, slug: str = AMIRA) -> None:
    """Somebody has read it."""
    await services.informing.confirm(
        edition.number, edition.text_hash, way=Way.TAB, actor=await who(services, slug)
    )
