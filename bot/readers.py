"""Whose clients ask for a card anew in a shared place: those the bot has heard of there.

Teams refreshes a card by itself for at most 60 people, who must be named on it. Their Teams ids are
kept in memory alone, so that no store holds who reads which channel; after a start they are learnt
anew from who writes and presses. Being named here authorises nobody.
"""

from collections import OrderedDict
from collections.abc import Iterable
from typing import Final

MOST_READERS: Final = 60
MOST_PLACES: Final = 1024


class Readers:
    """The Teams ids that were heard of in each place, the latest first; of this process."""

    def __init__(self) -> None:
        self._places: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def saw(self, place: str, ids: Iterable[str]) -> tuple[str, ...]:
        """Keeps that these were there; all that are known there, these first."""
        known = self._places.setdefault(place, OrderedDict())
        self._places.move_to_end(place)
        for id in ids:
            if id:
                known[id] = None
                known.move_to_end(id, last=False)
        while len(known) > MOST_READERS:
            known.popitem()
        while len(self._places) > MOST_PLACES:
            self._places.popitem(last=False)
        return tuple(known)

    def forget(self, place: str) -> None:
        """The bot left the place."""
        self._places.pop(place, None)
