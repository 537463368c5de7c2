"""The head of a partition of documents: its running number, and who wrote last.

Every batch of documents replaces the head, as its last step. That gives the changes of a partition
one order, and an answer when the service did not give one: a batch was done exactly when its ticket
stands in the head. A batch whose ticket is missing was not done, and its repetition with the head
that was read can only be done once, whichever of the two arrives.
"""

from typing import Any, NamedTuple, Self

from portal.adapters.storage.cosmos.container import CreateItem, Item, ReplaceItem

HEAD_ID = "~head"
REMEMBERED = 32
"""How many batches a head knows. That many of others must come between a batch and the question
about it before the answer is lost."""


class Head(NamedTuple):
    """The state of a partition: the number of its last write, the tickets of its last batches,
    the version of the item, empty while there is none."""

    last: int = 0
    tickets: tuple[str, ...] = ()
    batches: int = 0
    etag: str = ""

    @classmethod
    def of(cls, item: Item | None) -> Self:
        """As stored; the beginning when there is none."""
        if item is None:
            return cls()
        return cls(item["last"], tuple(item["tickets"]), item["batches"], item["_etag"])

    def after(self, writes: int, ticket: str) -> "Head":
        """The head behind a batch of so many writes; not yet stored."""
        tickets = (*self.tickets, ticket)[-REMEMBERED:]
        return Head(self.last + writes, tickets, self.batches + 1)

    def step(self, partition: str, following: "Head") -> CreateItem | ReplaceItem:
        """What stores the following head in place of this one, and fails when this one is no
        longer the head."""
        item: dict[str, Any] = {
            "id": HEAD_ID,
            "pk": partition,
            "last": following.last,
            "tickets": list(following.tickets),
            "batches": following.batches,
        }
        return ReplaceItem(item, self.etag) if self.etag else CreateItem(item)

    def knows(self, ticket: str) -> bool:
        """Whether the batch of that ticket was done, as far as the head remembers."""
        return ticket in self.tickets

    def tells_since(self, earlier: "Head") -> bool:
        """Whether this head still knows every batch that came after the earlier one."""
        return self.batches - earlier.batches <= REMEMBERED
