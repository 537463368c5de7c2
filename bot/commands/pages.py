"""`help`, `whoami`, `settings`: about the bot and about whoever asks."""

from collections.abc import Sequence
from typing import Final

from bot.cards import pages
from bot.cards.elements import Card
from bot.channel.turn import Answer, Show, ShowPrivately
from bot.context import Asker, Desk
from bot.messages import Words
from bot.reading import Preset
from bot.references import ANYWHERE, Verb
from portal.domain.alerts.conversations import Preference
from portal.domain.dashboards.model import Definition

PREFERENCES: Final = "preferences"
SEPARATOR: Final = ":"


def guide(
    words: Words, *, lead: str, personal: bool, guess: str = "", reporter: bool = False
) -> Sequence[Answer]:
    """What can be asked; anybody may know. `reporter` is for who may report incidents alone."""
    card = pages.guide(words, lead=lead, personal=personal, guess=guess, reporter=reporter)
    return [Show(card, words.say("help.fallback"))]


def whoami(asker: Asker) -> Sequence[Answer]:
    """Who the asker is here, in their own chat wherever they ask."""
    words, actor = asker.words, asker.actor
    card = pages.identity(
        words,
        name=asker.person.display_name,
        role=actor.role,
        organization=asker.organization.name,
        time_zone=asker.organization.time_zone,
        permissions=sorted(actor.permissions),
    )
    if asker.is_alone:
        return [Show(card, words.say("who.fallback"))]
    return [ShowPrivately(words.say("who.private"), words.say("who.unreachable"), card)]


async def settings(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """What the asker chose, in their own chat wherever they ask."""
    words, card = asker.words, await settings_card(desk, asker)
    if asker.is_alone:
        return [Show(card, words.say("settings.fallback"))]
    return [ShowPrivately(words.say("settings.private"), words.say("who.unreachable"), card)]


async def settings_card(
    desk: Desk, asker: Asker, *, saved: bool = False, refused: str = ""
) -> Card:
    """The card of what the asker chose, as it stands now: it may be saved over that alone."""
    chosen, version = await desk.conversations.chosen(asker.person)
    organization = chosen.organization
    if organization not in asker.person.holdings:
        organization = asker.person.organizations[0]
    names = [
        ((await desk.organizations.get(code)).organization.name, code)
        for code in asker.person.holdings
    ]
    return pages.settings(
        asker.words,
        language=chosen.language,
        range_=chosen.range or Preset.TODAY,
        definition=chosen.definition or Definition.STRICT,
        organization=organization,
        ranges=[one.value for one in Preset],
        definitions=[one.value for one in Definition],
        organizations=names,
        verb=Verb.SETTINGS_SAVE,
        reference=asker.signer.sign(
            ANYWHERE, f"{PREFERENCES}{SEPARATOR}{version}", [Verb.SETTINGS_SAVE]
        ),
        saved=saved,
        refused=refused,
    )


def preference(language: str, range_: str, definition: str, organization: str) -> Preference:
    """A choice as it is kept: what is the default anyway is not kept."""
    return Preference(
        organization,
        "" if language == "auto" else language,
        "" if range_ == Preset.TODAY else range_,
        "" if definition == Definition.STRICT else definition,
    )
