"""What of an organisation's cells somebody may see: the scopes of their grants, as numbers.

A grant reaches a box: some queues on some channels. Several grants reach the union of their boxes
and not the box around them, so boxes are kept apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from portal.domain.access.model import Scope
from portal.domain.contacts.model import Channel
from portal.domain.contacts.pages import CHANNELS, Ints
from portal.domain.contacts.ports import Box


class Sight(NamedTuple):
    """The boxes that are seen; None: everything. No boxes: nothing."""

    boxes: tuple[Box, ...] | None

    @property
    def queues(self) -> frozenset[int] | None:
        """The numbers of the queues of which something is seen; None: of all."""
        if self.boxes is None:
            return None
        found: set[int] = set()
        for box in self.boxes:
            if box.queues is None:
                return None
            found |= box.queues
        return frozenset(found)

    def sees_queue(self, number: int) -> bool:
        """Whether something of the queue is seen."""
        queues = self.queues
        return queues is None or number in queues

    def sees(self, queue: int, channel: Channel) -> bool:
        """Whether contacts of that queue and channel are seen."""
        return self.boxes is None or any(
            (box.queues is None or queue in box.queues)
            and (box.channels is None or channel in box.channels)
            for box in self.boxes
        )

    def parted(self, other: "Sight", queues: Iterable[int]) -> tuple["Sight", "Sight"]:
        """What of these queues both see, and what only this one sees."""
        both: list[Box] = []
        alone: list[Box] = []
        numbers = tuple(queues)
        for channel in Channel:
            seen = frozenset(one for one in numbers if self.sees(one, channel))
            shared = frozenset(one for one in seen if other.sees(one, channel))
            for boxes, found in ((both, shared), (alone, seen - shared)):
                if found:
                    boxes.append(Box(found, frozenset({channel})))
        return Sight(tuple(both)), Sight(tuple(alone))

    def mask(self, keys: Ints) -> np.ndarray:
        """Which queue cells are seen."""
        if self.boxes is None:
            return np.ones(len(keys), bool)
        seen = np.zeros(len(keys), bool)
        for box in self.boxes:
            mine = np.ones(len(keys), bool)
            if box.queues is not None:
                mine &= np.isin(keys >> 8 & 0xFFFFFF, sorted(box.queues))
            if box.channels is not None:
                codes = [CHANNELS.index(channel) for channel in box.channels]
                mine &= np.isin(keys >> 4 & 15, codes)
            seen |= mine
        return seen


EVERYTHING = Sight(None)


def of(scopes: Sequence[Scope], numbers: Mapping[str, int]) -> Sight:
    """What the scopes see of the queues with these numbers by id; ids and channels that are not
    known reach nothing."""
    boxes: dict[Box, None] = {}
    for scope in scopes:
        if scope.queues is None and scope.channels is None:
            return EVERYTHING
        boxes[Box(_numbers(scope.queues, numbers), _channels(scope.channels))] = None
    return Sight(tuple(boxes))


def _numbers(ids: Iterable[str] | None, numbers: Mapping[str, int]) -> frozenset[int] | None:
    return None if ids is None else frozenset(numbers[id] for id in ids if id in numbers)


def _channels(names: Iterable[str] | None) -> frozenset[Channel] | None:
    known = {channel.value: channel for channel in Channel}
    return None if names is None else frozenset(known[one] for one in names if one in known)
