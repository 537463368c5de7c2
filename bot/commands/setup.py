"""`setup`: how far the organisation is set up and what is next, in the own chat alone. Nothing is
proven here: links and codes are for the tab."""

from collections.abc import Sequence

from bot.cards import setup as cards
from bot.channel.turn import Answer, Show, ShowPrivately
from bot.context import Asker, Desk


async def setup(desk: Desk, asker: Asker) -> Sequence[Answer]:
    """The steps with what each waits for. Forbidden."""
    words = asker.words
    progress = await desk.setup.progress(actor=asker.actor)
    following = progress.next_step
    label = words.say("setup.heading")
    card = cards.progress(
        words,
        progress.organization.name,
        progress.steps,
        following,
        url=desk.links.setup(following.value if following else "", label),
    )
    if asker.is_alone:
        return [Show(card, label)]
    return [ShowPrivately(words.say("setup.private"), words.say("who.unreachable"), card)]
