"""Keeps cards that refresh by themselves from asking again and again: some clients loop."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final

from bot.cards.elements import Card, without_refresh

QUIET_MS: Final = 10_000
MOST_KNOWN: Final = 2048


class Throttle:
    """Cards drawn a moment ago, by what was asked and who asked; of this process."""

    def __init__(self) -> None:
        self._drawn: OrderedDict[Hashable, tuple[int, Card]] = OrderedDict()

    def recent(self, key: Hashable, now_ms: int) -> Card | None:
        """The card drawn for the same less than QUIET_MS ago, which refreshes no more by itself."""
        known = self._drawn.get(key)
        if known is None or now_ms - known[0] >= QUIET_MS:
            return None
        return without_refresh(known[1])

    def keep(self, key: Hashable, now_ms: int, card: Card) -> None:
        """Remembers a card that was drawn."""
        self._drawn[key] = (now_ms, card)
        self._drawn.move_to_end(key)
        while len(self._drawn) > MOST_KNOWN:
            self._drawn.popitem(last=False)
